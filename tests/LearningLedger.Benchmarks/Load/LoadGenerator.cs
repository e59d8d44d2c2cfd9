using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using HdrHistogram;

namespace LearningLedger.Benchmarks.Load;

/// <summary>Sends requests from a process of its own.</summary>
internal static class LoadGenerator
{
    private const long LongestMicroseconds = 600_000_000;

    /// <summary>Events made before a load begins, half a kilobyte each.</summary>
    private const int MostMade = 100_000;

    /// <summary>Requests each connection sends before the clock runs: the first ones of a process wait for its own code to be compiled.</summary>
    private const int Before = 10;

    /// <summary>Seconds a paced load runs before its times count.</summary>
    private const int Settling = 1;

    /// <summary>Starts the process and waits for what it measured.</summary>
    public static async Task<LoadResult> StartAsync(LoadSpec spec, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(LoadGenerator).Assembly.Location, "load"] : ["load"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                // Half of the generator's time went into spinning for work, and much of the rest into compiling its code twice; both on the processors it measures.
                ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
                ["DOTNET_TieredCompilation"] = "0",
                ["DOTNET_gcConcurrent"] = "0",
            },
        })!;
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(spec).AsMemory(), cancellation);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        var result = process.ExitCode == 0 ? JsonSerializer.Deserialize<LoadResult>(output)! : throw new InvalidOperationException("The load generator failed.");
        return result.Refused == 0 ? result : throw new CheckFailedException(
            $"{result.Refused} of {result.Refused + result.Requests} requests were refused by {spec.Url}, the first so: {result.FirstRefusal}");
    }

    /// <summary>The process.</summary>
    public static async Task<int> RunAsync()
    {
        var spec = JsonSerializer.Deserialize<LoadSpec>(await Console.In.ReadToEndAsync())!;
        var run = new Run(spec);
        await Console.Out.WriteAsync(JsonSerializer.Serialize(await run.AllAsync()));
        return 0;
    }

    private sealed class Run(LoadSpec spec)
    {
        private readonly LongConcurrentHistogram times = new(1, LongestMicroseconds, 3);
        private long ticket = -1;
        private long answered;
        private long refused;
        private string? firstRefusal;
        private long began;
        private byte[][] made = [];

        public async Task<LoadResult> AllAsync()
        {
            var connections = new List<HttpLine>();
            var warmUp = new Requests(spec with { Read = ["/health/live"] }).Make(0);
            for (var i = 0; i < spec.Connections; i++)
            {
                connections.Add(await HttpLine.OpenAsync(spec.Url));
                for (var n = 0; n < Before; n++)
                {
                    await connections[i].SendAsync(warmUp);
                }
            }

            // Made before the clock runs, where their number is known: the generator shares the processors with what it measures.
            made = spec.Read is null ? [.. Enumerable.Range(0, Math.Min(spec.Requests, MostMade / spec.PerRequest)).Select(i => new Requests(spec).Make(i))] : [];
            began = Stopwatch.GetTimestamp();
            await (spec.Rate > 0 ? PacedAsync(connections) : Task.WhenAll(connections.Select(c => Task.Run(() => OneAsync(c)))));
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            foreach (var connection in connections)
            {
                connection.Dispose();
            }

            return new LoadResult(
                answered, spec.Read is null ? answered * spec.PerRequest : 0, refused, firstRefusal, seconds,
                times.GetValueAtPercentile(50) / 1e3, times.GetValueAtPercentile(95) / 1e3, times.GetValueAtPercentile(99) / 1e3, times.GetMaxValue() / 1e3);
        }

        private async Task OneAsync(HttpLine connection)
        {
            var requests = new Requests(spec);
            while (true)
            {
                var mine = Interlocked.Increment(ref ticket);
                if (spec.Requests > 0 && mine >= spec.Requests)
                {
                    return;
                }

                var request = mine < made.Length ? made[mine] : requests.Make(mine);
                var start = Stopwatch.GetTimestamp();
                if (spec.Seconds > 0 && Stopwatch.GetElapsedTime(began, start).TotalSeconds >= spec.Seconds)
                {
                    return;
                }

                await SendAsync(connection, request);
                Time(start);
            }
        }

        /// <summary>Begins each request when it is due, whatever became of those before it, as soon as some connection is free.</summary>
        /// <remarks>One thread of its own sleeps and sends: timers and tasks would begin requests late while the processors are busy, and that is not the server's time.</remarks>
        private async Task PacedAsync(List<HttpLine> connections)
        {
            using var free = new BlockingCollection<HttpLine>(new ConcurrentQueue<HttpLine>(connections));
            await Task.WhenAll(await Task.Factory.StartNew(SendAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));

            List<Task> SendAll()
            {
                var requests = new Requests(spec);
                var sent = new List<Task>();
                var period = Stopwatch.Frequency / spec.Rate;
                for (var n = 0L; n * period < (spec.Seconds + Settling) * Stopwatch.Frequency; n++)
                {
                    var due = began + (long)(n * period);
                    while (Stopwatch.GetTimestamp() < due)
                    {
                        Thread.Sleep(1);
                    }

                    sent.Add(DueAsync(free.Take(), requests.Make(n), due));
                }

                return sent;
            }

            // Measured from when the request was due: what waits for a slow server counts, though it was not sent.
            async Task DueAsync(HttpLine connection, byte[] request, long due)
            {
                try
                {
                    await SendAsync(connection, request);
                    if (due >= began + (Settling * Stopwatch.Frequency))
                    {
                        Time(due);
                    }
                }
                finally
                {
                    free.Add(connection);
                }
            }
        }

        private async Task SendAsync(HttpLine connection, byte[] request)
        {
            if (await connection.SendAsync(request))
            {
                Interlocked.Increment(ref answered);
            }
            else
            {
                Interlocked.Increment(ref refused);
                Interlocked.CompareExchange(ref firstRefusal, connection.Answer, null);
            }
        }

        private void Time(long since) =>
            times.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(since).TotalMicroseconds, 1, LongestMicroseconds));
    }
}
