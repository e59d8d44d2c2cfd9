using System.Diagnostics;
using System.Globalization;
using LearningLedger.Service.Host.PrivatePostgres;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>
/// Ends the test cluster when the test process is killed. A small shell waits at the end of a pipe that only we hold, so it
/// wakes however we end; in a session of its own, a signal to our group does not take it along. A line on the pipe sends it home.
/// </summary>
internal static class ClusterWatch
{
    private const string Script = """
        if read -r ended; then exit 0; fi
        kill -QUIT "$1" 2>/dev/null
        while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
        rm -rf "$2"
        """;

    private static Process? s_watch; // kept: its end of the pipe must stay open

    internal static void Begin(string root, PrivateCluster cluster)
    {
        if (!OperatingSystem.IsLinux()) return; // the next run sweeps
        s_watch = Process.Start(new ProcessStartInfo(
            "setsid", ["sh", "-c", Script, "cluster-watch", cluster.PostmasterPid.ToString(CultureInfo.InvariantCulture), root])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        });
    }

    internal static void End() => s_watch?.StandardInput.WriteLine("ended");
}
