using System.Diagnostics;
using LearningLedger.Service.Host.PrivatePostgres;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>Ending other processes, and waiting for it.</summary>
internal static class Processes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Returns when the process is gone; the system may take a moment to clear it away.</summary>
    internal static async Task GoneAsync(int pid) =>
        Assert.True(await Until.HoldsAsync(() => !IsAlive(pid), Patience, CancellationToken.None), $"process {pid} is still there");

    /// <summary>Kills a process without warning and returns when it is gone.</summary>
    internal static async Task KillAsync(int pid)
    {
        using (var process = Process.GetProcessById(pid)) process.Kill();
        await GoneAsync(pid);
    }

    /// <summary>Ends the server on a throw-away data folder, if one runs; its data need not survive.</summary>
    internal static void EndServer(string data)
    {
        var physical = PrivateFiles.Physical(data);
        if (Postmaster.Read(physical) is not { } server || server.Judge(physical) != PostmasterState.Ours) return;
        using var process = Process.GetProcessById(server.Pid);
        process.Kill();
        process.WaitForExit(Patience);
        SpinWait.SpinUntil(() => Postmaster.ProcessesIn(physical).Count == 0, Patience);
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
