using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>What a <c>postmaster.pid</c> stands for.</summary>
internal enum PostmasterState
{
    /// <summary>A server that runs on this very folder.</summary>
    Ours,

    /// <summary>The process is gone. PostgreSQL removes the file itself, after making sure that no child of it is left.</summary>
    Gone,

    /// <summary>The process id went to another program, which PostgreSQL may take for a server: the file must be removed.</summary>
    Stale,

    /// <summary>A server that runs on the folder this one was copied from.</summary>
    Elsewhere,
}

/// <summary>The content of a <c>postmaster.pid</c>.</summary>
/// <param name="Pid">The server's process id.</param>
/// <param name="Directory">The data folder the server was started on.</param>
/// <param name="Port">Its port; 0 while it has not written that line yet.</param>
internal sealed record Postmaster(int Pid, string Directory, int Port)
{
    internal static string FileOf(string data) => Path.Combine(data, "postmaster.pid");

    /// <summary>Null when there is no such file, or it is not yet written.</summary>
    internal static Postmaster? Read(string data)
    {
        try
        {
            var lines = File.ReadAllLines(FileOf(data));
            if (lines.Length < 2 || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid)) return null;
            return new Postmaster(pid, lines[1], lines.Length > 3 && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port) ? port : 0);
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal PostmasterState Judge(string data)
    {
        if (ProgramOf(Pid) is not { } program) return PostmasterState.Gone;
        if (!IsPostgres(program)) return PostmasterState.Stale;
        if (!OperatingSystem.IsLinux()) return Directory == data ? PostmasterState.Ours : PostmasterState.Elsewhere;
        // A server stands in its data folder, also when that was moved meanwhile.
        var stands = StandsIn(Pid);
        return stands == data ? PostmasterState.Ours : stands == Directory ? PostmasterState.Elsewhere : PostmasterState.Stale;
    }

    /// <summary>
    /// Server processes that stand in the folder. Those of a killed postmaster end by themselves when they notice, and no new server
    /// may touch the data before. Only Linux tells.
    /// </summary>
    internal static IReadOnlyList<int> ProcessesIn(string data) => !OperatingSystem.IsLinux()
        ? []
        : [.. System.IO.Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid != 0 && StandsIn(pid) == data && ProgramOf(pid) is { } program && IsPostgres(program))];

    // A postmaster's children are named after what they do: "postgres: checkpointer".
    private static bool IsPostgres(string program) => program.StartsWith("postgres", StringComparison.Ordinal);

    private static string? StandsIn(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/cwd").LinkTarget;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null; // ended, or another user's: then it is not our server
        }
    }

    private static string? ProgramOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
