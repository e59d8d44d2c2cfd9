using System.Runtime.InteropServices;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Signals that .NET cannot send. Not for Windows.</summary>
internal static class Signals
{
    /// <summary>SIGINT: a postmaster shuts down fast, in good order.</summary>
    internal const int Interrupt = 2;

    /// <summary>SIGQUIT: a server process ends at once; the next start recovers.</summary>
    internal const int Quit = 3;

    /// <summary>Sends one. That the process is gone already is no error.</summary>
    internal static void Send(int pid, int signal) => _ = Kill(pid, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
