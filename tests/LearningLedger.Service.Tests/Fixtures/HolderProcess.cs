using System.Diagnostics;
using System.Globalization;
using LearningLedger.Service.Host.PrivatePostgres;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>A running <see cref="ClusterHolder"/>: another process that owns a data directory and its cluster.</summary>
internal sealed class HolderProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HolderProcess(Process process, int postmasterPid) => (_process, PostmasterPid) = (process, postmasterPid);

    internal int Pid => _process.Id;

    internal int PostmasterPid { get; }

    /// <summary>Starts one and waits until its cluster answers.</summary>
    /// <param name="directory">Whose data directory it is to hold.</param>
    /// <param name="user">Who it is to be; null for ourselves. Another user must own the data directory.</param>
    /// <param name="watched">Whether cluster and data directory are to end with it, however it ends.</param>
    internal static async Task<HolderProcess> StartAsync(TestDirectory directory, string? user = null, bool watched = false)
    {
        var assembly = await ReadableAsync(typeof(ClusterHolder).Assembly.Location, directory, user);
        var start = new ProcessStartInfo(DotNet(), ["exec", assembly, directory.Data])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        if (watched) start.ArgumentList.Add(ClusterHolder.Watched);
        if (user is not null) start.UserName = user;
        var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync();
        var answer = await process.StandardOutput.ReadLineAsync();
        if (answer?.Split(' ') is [ClusterHolder.Ready, var pid]) return new HolderProcess(process, int.Parse(pid, CultureInfo.InvariantCulture));
        throw new InvalidOperationException($"The holder did not start: {await complaints}");
    }

    /// <summary>The assembly, or a copy of it in the directory's root if the user cannot read it where it is.</summary>
    internal static async Task<string> ReadableAsync(string assembly, TestDirectory directory, string? user)
    {
        if (user is null || (await new Command("test", "-r", assembly) { User = user }.RunAsync(CancellationToken.None)).Succeeded) return assembly;
        var folder = Path.Combine(directory.Root, "program");
        return Directory.Exists(folder) ? Path.Combine(folder, Path.GetFileName(assembly)) : CopyForOthers(assembly, folder);
    }

    /// <summary>Kills the owner without warning.</summary>
    internal Task KillAsync() => Processes.KillAsync(Pid);

    /// <summary>Ends it in an orderly way, and so its cluster, unless it was killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    internal static string DotNet() => Environment.ProcessPath is { } ours && Path.GetFileNameWithoutExtension(ours) == "dotnet" ? ours : "dotnet";

    private static string CopyForOthers(string assembly, string folder)
    {
        var source = Path.GetDirectoryName(assembly)!;
        PrivateFiles.MakeOpenFolder(folder);
        foreach (var inner in Directory.GetDirectories(source, "*", SearchOption.AllDirectories))
            PrivateFiles.MakeOpenFolder(Path.Combine(folder, Path.GetRelativePath(source, inner)));
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            File.Copy(file, copy);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, File.GetUnixFileMode(copy) | UnixFileMode.OtherRead);
        }

        return Path.Combine(folder, Path.GetFileName(assembly));
    }
}
