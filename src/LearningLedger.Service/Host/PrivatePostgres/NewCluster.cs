namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Making the cluster. It gets its name when it is whole, so a start killed in the middle leaves nothing in the way.</summary>
internal static class NewCluster
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static async Task MakeAsync(ClusterPlace place, PostgresBinaries binaries, string password, Action<string> say, CancellationToken ct)
    {
        say($"Making a private PostgreSQL {binaries.Major} cluster in {place.Home}{(place.User is null ? "" : $", run by user {place.User}")}.");
        await SweepAsync(place, ct);
        var unfinished = $"{place.Data}.new-{Guid.NewGuid():N}";
        var passwordFile = unfinished + ".password";
        try
        {
            PrivateFiles.Write(passwordFile, password, secret: true);
            await ServerUser.GiveAsync(place.User, passwordFile, ct);
            // Compared by code point, the same on every machine. Not every system has a UTF-8 variant of that.
            if (!await InitAsync("C.UTF-8", mayFail: true)) await InitAsync("C", mayFail: false);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        await File.AppendAllTextAsync(Path.Combine(unfinished, "postgresql.conf"), ServerConf.Include + "\n", ct);
        Directory.Move(unfinished, place.Data);
        // The name must be on disk before the first acknowledged record is, or a power cut could make the next start sweep it away.
        if (!OperatingSystem.IsWindows() && !(await new Command("sync", place.Home).RunAsync(ct)).Succeeded)
            await new Command("sync").MustRunAsync(ct); // an older sync takes no path

        async Task<bool> InitAsync(string locale, bool mayFail)
        {
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
            PrivateFiles.MakeClosedFolder(unfinished);
            await ServerUser.GiveAsync(place.User, unfinished, ct);
            var outcome = await new Command(
                binaries.Program("initdb"), "-D", unfinished, "-U", PrivateCluster.Superuser, "--pwfile", passwordFile,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale, "--data-checksums")
            { User = place.User, WorkingDirectory = unfinished }.RunAsync(ct);
            if (outcome.Succeeded || (mayFail && outcome.Output.Contains("locale", StringComparison.Ordinal))) return outcome.Succeeded;
            throw new PrivateClusterException($"initdb failed (exit code {outcome.ExitCode}) in {place.Home}: {outcome.Output}");
        }
    }

    /// <summary>
    /// Takes away what a broken-off start has left. A program of its initdb can outlive it and still write there: it ends within a moment, having
    /// lost its input. An initdb that outlived a killed service takes longer; another start sweeps what it leaves.
    /// </summary>
    private static async Task SweepAsync(ClusterPlace place, CancellationToken ct)
    {
        foreach (var left in Directory.GetFileSystemEntries(place.Home, "data.new-*"))
        {
            await Until.HoldsAsync(() => IsSwept(left), Patience, ct);
        }
    }

    private static bool IsSwept(string left)
    {
        try
        {
            if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
            else File.Delete(left);
            return true;
        }
        catch (IOException)
        {
            return false; // a file has come while the others went
        }
    }
}
