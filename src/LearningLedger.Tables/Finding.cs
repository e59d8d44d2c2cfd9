using System.Globalization;
using LearningLedger.Integrity;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Tables;

/// <summary>Something that does not agree: a row of <c>tlog.finding</c>.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">Stable word for programs.</param>
/// <param name="Subject">What it is about: an event's sequence, a leaf, a stream.</param>
/// <param name="Detail">For people.</param>
public sealed record Finding(string Tenant, string Kind, string Subject, string Detail)
{
    /// <summary>When it was found first; null before it is kept.</summary>
    public DateTimeOffset? FoundAt { get; init; }

    /// <summary>The signer does not sign what the database holds.</summary>
    public const string NotSignedKind = "not-signed";

    /// <summary>What was read back after a commit is not what was written.</summary>
    public const string AlteredKind = "log-altered";

    /// <summary>Too few witnesses cosign.</summary>
    public const string NotWitnessedKind = "not-witnessed";

    /// <summary>Too few witnesses cosign the log's checkpoints.</summary>
    public static Finding NotWitnessed(string tenant, string why) => new(tenant, NotWitnessedKind, "log", why);

    /// <summary>The signer refuses.</summary>
    public static Finding NotSigned(string tenant, string why) => new(tenant, NotSignedKind, "log", why);

    /// <summary>Leaves, tiles and root of the database do not belong together.</summary>
    public static Finding Altered(string tenant, string why) => new(tenant, AlteredKind, "log", why);

    /// <summary>An event was noted as appended, and its row was gone before it had a leaf.</summary>
    public static Finding DeletedBeforeLogging(string tenant, long sequence) =>
        new(tenant, "deleted-before-logging", Event(sequence), "Its row was deleted before it was logged.");

    /// <summary>An event can have no leaf.</summary>
    public static Finding Unloggable(string tenant, long sequence, string why) => new(tenant, "unloggable", Event(sequence), why);

    /// <summary>An event's row has no leaf and waits for none: it came past the trigger. It is logged late.</summary>
    public static Finding RowWithoutLeaf(string tenant, long sequence) =>
        new(tenant, "row-without-leaf", Event(sequence), "It was recorded past the log's trigger, and is logged late.");

    /// <summary>A leaf's event is gone.</summary>
    public static Finding LeafWithoutRow(string tenant, EventLeaf leaf, long index) =>
        new(tenant, "leaf-without-row", "event " + leaf.EventId.ToString("D"), $"Version {leaf.Version} of stream {leaf.Stream:D} lies in the log at {index}, and its row was deleted.");

    /// <summary>A row is not what was logged.</summary>
    public static Finding RowAltered(string tenant, EventLeaf leaf, string difference) =>
        new(tenant, "row-altered", "event " + leaf.EventId.ToString("D"), difference);

    /// <summary>An event claims to be older than much of what was logged before it.</summary>
    public static Finding BackDated(string tenant, EventLeaf leaf, long index) =>
        new(tenant, "back-dated", "event " + leaf.EventId.ToString("D"), $"It says it was recorded at {LedgerJson.Text(leaf.At)}, and lies in the log at {index} behind later ones.");

    /// <summary>A row is marked so that projections leave it out.</summary>
    public static Finding Hidden(string tenant, EventLeaf leaf) =>
        new(tenant, "row-hidden", "event " + leaf.EventId.ToString("D"), "It is marked as archived, though no event of the ledger says so.");

    /// <summary>What an erasure destroyed is there again, or still.</summary>
    public static Finding NotErased(string tenant, Guid learner) =>
        new(tenant, "not-erased", "stream " + learner.ToString("D"), "The learner was erased, and content, key or identifiers are in the database: a part of it was restored from before.");

    /// <summary>A stream lacks versions.</summary>
    public static Finding VersionGap(string tenant, Guid stream, long last, long count) =>
        new(tenant, "version-gap", "stream " + stream.ToString("D"), $"It has {count} events and its last version is {last}.");

    /// <summary>A stream's row is missing, or says less than its events.</summary>
    public static Finding StreamBehind(string tenant, Guid stream, long last) =>
        new(tenant, "stream-behind", "stream " + stream.ToString("D"), $"It has an event of version {last}, and its row among the streams is missing or says less.");

    /// <summary>Kinds that each audit finds anew, so that what is mended is dropped.</summary>
    public static readonly string[] Recurring = ["leaf-without-row", "row-altered", "back-dated", "row-hidden", "version-gap", "stream-behind", "not-erased", AlteredKind];

    /// <summary>How an event is named.</summary>
    public static string Event(long sequence) => "event " + sequence.ToString(CultureInfo.InvariantCulture);

    /// <summary>The findings of a tenant.</summary>
    public static async Task<IReadOnlyList<Finding>> ReadAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select tenant, kind, subject, detail, found_at from tlog.finding where tenant = $1 order by kind, subject", connection);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var findings = new List<Finding>();
        while (await reader.ReadAsync(cancellation))
        {
            findings.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)) { FoundAt = reader.GetFieldValue<DateTimeOffset>(4) });
        }

        return findings;
    }

    /// <summary>Keeps findings; one known already keeps its time.</summary>
    public static async Task KeepAsync(NpgsqlConnection connection, IReadOnlyCollection<Finding> findings, CancellationToken cancellation)
    {
        if (findings.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            insert into tlog.finding as f (tenant, kind, subject, detail) select * from unnest($1, $2, $3, $4)
              on conflict (tenant, kind, subject) do update set detail = excluded.detail where f.detail <> excluded.detail
            """,
            connection);
        Add(findings.Select(f => f.Tenant));
        Add(findings.Select(f => f.Kind));
        Add(findings.Select(f => f.Subject));
        Add(findings.Select(f => f.Detail));
        await command.ExecuteNonQueryAsync(cancellation);

        void Add(IEnumerable<string> values) => command.Parameters.Add(new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
    }

    /// <summary>Drops the findings of some kinds, because what they said is over.</summary>
    public static async Task DropAsync(NpgsqlConnection connection, string tenant, string[] kinds, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("delete from tlog.finding where tenant = $1 and kind = any ($2)", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = kinds });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
