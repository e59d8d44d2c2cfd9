using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LearningLedger.Benchmarks;

/// <summary>The real service, a process of its own.</summary>
/// <param name="program">Its folder, see <see cref="PublishedService"/>.</param>
/// <param name="dataDirectory">Its data directory.</param>
/// <param name="connectionString">Its database.</param>
internal sealed class ServiceUnderTest(string program, string dataDirectory, string connectionString)
{
    /// <summary>The operator's key of a database that is thrown away.</summary>
    public const string Key = "ll_bench_0000000000000000000000000000000000000000000000000000000000000000";

    private ChildProcess? process;

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>CPU seconds of all its processes so far.</summary>
    public double CpuSeconds => past + (process?.CpuSeconds ?? 0);

    /// <summary>The most memory any of its processes held, in MB.</summary>
    public double PeakMegabytes { get; private set; }

    /// <summary>The most memory the process that runs has held, in MB.</summary>
    public double PeakNow => process?.PeakMegabytes ?? 0;

    /// <summary>The memory it holds now, in MB.</summary>
    public double Megabytes => process?.Megabytes ?? 0;

    private double past;

    /// <summary>Starts it.</summary>
    /// <returns>Time from start to ready.</returns>
    public async Task<TimeSpan> StartAsync(CancellationToken cancellation)
    {
        Url = new($"http://127.0.0.1:{Ports.Free()}");
        var began = Stopwatch.GetTimestamp();
        process = Run("--urls", Url.OriginalString);
        await process.AnswersAsync(new Uri(Url, "/health/ready"), cancellation);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Runs the program with any command line.</summary>
    public ChildProcess Run(params string[] args) => ChildProcess.Start(
        Path.Combine(program, PublishedService.Dll), args,
        ("ConnectionStrings__ledger", connectionString), ("Ledger__DataDirectory", dataDirectory), ("Ledger__BootstrapKey", Key), ("LEDGER_KEY", Key),
        ("ASPNETCORE_ENVIRONMENT", "Production"), ("DOTNET_ENVIRONMENT", "Production"));

    /// <summary>Stops it, in order; nothing when it does not run.</summary>
    public async Task StopAsync()
    {
        if (process is null)
        {
            return;
        }

        Look();
        past += process.CpuSeconds;
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>Counts what another one took as its own.</summary>
    public void Include(ServiceUnderTest other)
    {
        past += other.CpuSeconds;
        PeakMegabytes = Math.Max(PeakMegabytes, other.PeakMegabytes);
    }

    /// <summary>Reads its peak; a process that has ended tells nothing any more.</summary>
    public void Look() => PeakMegabytes = Math.Max(PeakMegabytes, process?.PeakMegabytes ?? 0);
}

/// <summary>Ports nobody listens on.</summary>
internal static class Ports
{
    /// <summary>One of them; somebody may take it before we do, which then fails loudly.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
