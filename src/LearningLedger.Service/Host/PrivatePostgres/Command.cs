using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>A program run to its end, without a shell, so that any path may be an argument.</summary>
internal sealed record Command(string Program, params IEnumerable<string> Arguments)
{
    /// <summary>All a PostgreSQL program needs of our environment. The rest stays here: it may hold keys, and <c>PG*</c> would steer the server.</summary>
    private static readonly HashSet<string> Handed = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TMP", "TEMP", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
        "SystemRoot", "SystemDrive", "windir", "ComSpec", "ProgramData", "PATHEXT",
    };

    /// <summary>The system user to run as; null is our own.</summary>
    internal string? User { get; init; }

    /// <summary>The folder to run in; the user must be able to enter it.</summary>
    internal string WorkingDirectory { get; init; } = Path.GetPathRoot(Environment.SystemDirectory) ?? "/";

    /// <summary>Variables added to the environment.</summary>
    internal IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the program sees our whole environment (a package client needs proxies and its own settings).</summary>
    internal bool WholeEnvironment { get; init; }

    /// <summary>Runs it. Cancellation ends the program itself; a server it has already put in a session of its own stays.</summary>
    /// <exception cref="PrivateClusterException">It could not be started at all.</exception>
    internal async Task<Outcome> RunAsync(CancellationToken ct)
    {
        using var process = new Process { StartInfo = Describe() };
        var output = new StringBuilder();
        void Take(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not { } text) return;
            lock (output) output.AppendLine(text);
        }

        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        try
        {
            process.Start();
        }
        catch (Win32Exception refused)
        {
            throw new PrivateClusterException(
                $"{Program} could not be started{(User is null ? "" : $" as user {User}")}: {refused.Message}", refused);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        lock (output) return new Outcome(process.ExitCode, output.ToString().Trim());
    }

    /// <summary>Runs it and takes nothing but success.</summary>
    internal async Task<string> MustRunAsync(CancellationToken ct)
    {
        var outcome = await RunAsync(ct);
        return outcome.Succeeded
            ? outcome.Output
            : throw new PrivateClusterException($"{Path.GetFileName(Program)} failed (exit code {outcome.ExitCode}): {outcome.Output}");
    }

    private ProcessStartInfo Describe()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            WorkingDirectory = WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        // On Windows a server has no session of its own; in a process group of its own Ctrl-C does not reach it either.
        if (OperatingSystem.IsWindows()) start.CreateNewProcessGroup = true;
        if (User is not null) start.UserName = User;
        if (!WholeEnvironment)
            foreach (var name in start.Environment.Keys.Where(name => !Handed.Contains(name)).ToList()) start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C"; // we read the messages
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        return start;
    }

    /// <summary>How a command ended, and what it wrote on both outputs.</summary>
    internal sealed record Outcome(int ExitCode, string Output)
    {
        internal bool Succeeded => ExitCode == 0;
    }
}
