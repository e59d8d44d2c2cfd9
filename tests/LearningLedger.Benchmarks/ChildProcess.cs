using System.Diagnostics;
using System.Globalization;

namespace LearningLedger.Benchmarks;

/// <summary>A .NET program started by us, its output kept for when it fails.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Queue<string> said = new();

    private ChildProcess(Process process) => this.process = process;

    /// <summary>CPU seconds so far.</summary>
    public double CpuSeconds
    {
        get
        {
            process.Refresh();
            return process.HasExited ? 0 : process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>The most memory it held, in MB.</summary>
    public double PeakMegabytes
    {
        get
        {
            // .NET's own figure is 0 on some systems; the kernel's is right.
            var status = $"/proc/{process.Id.ToString(CultureInfo.InvariantCulture)}/status";
            var line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            process.Refresh();
            return line is null ? process.PeakWorkingSet64 / 1e6 : long.Parse(line["VmHWM:".Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
    }

    /// <summary>The memory it holds now, in MB.</summary>
    public double Megabytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts <c>dotnet DLL ARGS</c>, or with a verb of <c>dotnet</c> for the DLL that.</summary>
    public static ChildProcess Start(string dll, string[] args, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [dll, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(Process.Start(start)!);
        child.process.OutputDataReceived += child.Keep;
        child.process.ErrorDataReceived += child.Keep;
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits until it answers a GET with 200.</summary>
    /// <exception cref="InvalidOperationException">It ended, or a minute has passed; the message holds what it said.</exception>
    public async Task AnswersAsync(Uri url, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var began = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1))
        {
            try
            {
                using var answer = await client.GetAsync(url, cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                // Not yet.
            }

            await Task.Delay(10, cancellation);
        }

        throw new InvalidOperationException($"{url} does not answer. The program said:\n{Said()}");
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <exception cref="CheckFailedException">It failed; the message holds what it said.</exception>
    public async Task SucceedsAsync(CancellationToken cancellation)
    {
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new CheckFailedException($"exit code {process.ExitCode}: {Said()}");
        }
    }

    /// <summary>Asks it to end as an operator would, and waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (said)
        {
            said.Enqueue(line.Data ?? "");
            if (said.Count > 50)
            {
                said.Dequeue();
            }
        }
    }

    private string Said()
    {
        lock (said)
        {
            return string.Join('\n', said);
        }
    }
}
