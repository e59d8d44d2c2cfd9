using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>
/// Where a cluster's files lie and who runs its server. The home is <c>postgres/</c> in the data directory; where the server's user
/// cannot get there (a data directory under /root, say) it is a folder of <c>/var/lib/learningledger</c>, and a note in the data
/// directory says so. Password and port stay in the data directory, out of the server's reach.
/// </summary>
/// <param name="DataDirectory">The service's data directory, without symbolic links.</param>
/// <param name="Home">The folder that holds the cluster.</param>
/// <param name="User">Who runs the server; null for ourselves.</param>
internal sealed record ClusterPlace(string DataDirectory, string Home, string? User)
{
    private const string OutsideRoot = "/var/lib/learningledger";

    internal string Data => Path.Combine(Home, "data");
    internal string Conf => Path.Combine(Home, "server.conf");
    internal string Log => Path.Combine(Data, "server.log");
    internal string Binaries => Path.Combine(Home, "binaries");
    internal string PasswordFile => Path.Combine(Inside(DataDirectory), "password");
    internal string PortFile => Path.Combine(Inside(DataDirectory), "port");

    /// <summary>The major version of the data; null when there is none yet.</summary>
    internal int? DataMajor()
    {
        var file = Path.Combine(Data, "PG_VERSION");
        if (!Directory.Exists(Data)) return null;
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var major)
            ? major
            : throw new PrivateClusterException($"{Data} is not a PostgreSQL cluster: it has no readable PG_VERSION. Put it back from a backup, or move it away.");
    }

    /// <summary>Finds the place, or settles it once and for all.</summary>
    internal static async Task<ClusterPlace> SettleAsync(string dataDirectory, Action<string> say, CancellationToken ct)
    {
        Directory.CreateDirectory(dataDirectory);
        dataDirectory = PrivateFiles.Physical(dataDirectory);
        var inside = Inside(dataDirectory);
        PrivateFiles.MakeOpenFolder(inside);
        if (File.Exists(Note(dataDirectory)))
        {
            var home = (await File.ReadAllTextAsync(Note(dataDirectory), ct)).Trim();
            await ClaimAsync(dataDirectory, home, ct);
            return await WithUserAsync(dataDirectory, home, say, ct);
        }

        var place = await WithUserAsync(dataDirectory, inside, say, ct);
        if (place.User is null || Directory.Exists(place.Data) || await ReachesAsync(place.User, inside, ct)) return place;
        var outside = Path.Combine(OutsideRoot, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..16]);
        say($"User {place.User}, who runs the server, cannot enter {dataDirectory}: the cluster goes to {outside}.");
        await Leftover.SetAsideAsync(outside, say, ct);
        PrivateFiles.Write(Note(dataDirectory), outside);
        await ClaimAsync(dataDirectory, outside, ct);
        return place with { Home = outside };
    }

    private static string Inside(string dataDirectory) => Path.Combine(dataDirectory, "postgres");

    private static string Note(string dataDirectory) => Path.Combine(Inside(dataDirectory), "location");

    private static async Task<ClusterPlace> WithUserAsync(string dataDirectory, string home, Action<string> say, CancellationToken ct)
    {
        var data = Path.Combine(home, "data");
        return new ClusterPlace(dataDirectory, home, await ServerUser.ChooseAsync(Directory.Exists(data) ? data : null, say, ct));
    }

    private static async Task<bool> ReachesAsync(string user, string inside, CancellationToken ct)
    {
        var probe = Path.Combine(inside, "probe");
        PrivateFiles.MakeClosedFolder(probe);
        await ServerUser.GiveAsync(user, probe, ct);
        var reaches = await ServerUser.CanEnterAsync(user, probe, ct);
        Directory.Delete(probe);
        return reaches;
    }

    /// <summary>A home outside belongs to one data directory. A moved one takes it along; a copied one must not share it.</summary>
    private static async Task ClaimAsync(string dataDirectory, string home, CancellationToken ct)
    {
        PrivateFiles.MakeOpenFolder(Path.GetDirectoryName(home)!);
        PrivateFiles.MakeOpenFolder(home);
        var claim = Path.Combine(home, "data-directory");
        var owner = File.Exists(claim) ? (await File.ReadAllTextAsync(claim, ct)).Trim() : dataDirectory;
        if (owner != dataDirectory && File.Exists(Note(owner)))
            throw new PrivateClusterException(
                $"The cluster in {home} belongs to the data directory {owner}; {dataDirectory} is a copy of that. "
                + $"Use the original, or delete {Inside(dataDirectory)} to begin with a new cluster.");
        PrivateFiles.Write(claim, dataDirectory);
    }
}
