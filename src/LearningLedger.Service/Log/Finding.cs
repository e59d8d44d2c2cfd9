using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Log;

/// <summary>Something that does not agree: a row of <c>tlog.finding</c>.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">Stable word for programs.</param>
/// <param name="Subject">What it is about: an event's sequence, a leaf, a stream.</param>
/// <param name="Detail">For people.</param>
public sealed record Finding(string Tenant, string Kind, string Subject, string Detail)
{
    /// <summary>The signer does not sign what the database holds.</summary>
    public const string NotSignedKind = "not-signed";

    /// <summary>What was read back after a commit is not what was written.</summary>
    public const string AlteredKind = "log-altered";

    /// <summary>The signer refuses.</summary>
    public static Finding NotSigned(string tenant, string why) => new(tenant, NotSignedKind, "log", why);

    /// <summary>Leaves, tiles and root of the database do not belong together.</summary>
    public static Finding Altered(string tenant, string why) => new(tenant, AlteredKind, "log", why);

    /// <summary>An event was noted as appended, and its row was gone before it had a leaf.</summary>
    public static Finding DeletedBeforeLogging(string tenant, long sequence) =>
        new(tenant, "deleted-before-logging", Event(sequence), "Its row was deleted before it was logged.");

    /// <summary>An event can have no leaf.</summary>
    public static Finding Unloggable(string tenant, long sequence, string why) => new(tenant, "unloggable", Event(sequence), why);

    /// <summary>How an event is named.</summary>
    public static string Event(long sequence) => "event " + sequence.ToString(CultureInfo.InvariantCulture);

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

    /// <summary>Drops the findings of a kind, because what they said is over.</summary>
    public static async Task DropAsync(NpgsqlConnection connection, string tenant, string kind, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("delete from tlog.finding where tenant = $1 and kind = $2", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = kind });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
