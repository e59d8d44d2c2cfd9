namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Where a private cluster lives and how its server is tuned.</summary>
public sealed record PrivateClusterOptions
{
    /// <summary>The service's data directory; made if absent. A relative path starts where the process stands.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// Server settings (name, value) on top of the defaults, as in <c>postgresql.conf</c>. They count from the next start of
    /// the server; an adopted server takes over only those that need no restart. What keeps the cluster private (addresses,
    /// sockets, port, passwords, time zone) cannot be changed here.
    /// </summary>
    public IReadOnlyDictionary<string, string> ServerSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder with <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>; null looks in the usual places.</summary>
    public string? BinariesDirectory { get; init; }

    /// <summary>The places to look; tests replace them.</summary>
    internal BinarySearch Search { get; init; } = BinarySearch.OfThisMachine();
}
