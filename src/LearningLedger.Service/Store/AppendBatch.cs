using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Store;

/// <summary>One event ready to be appended.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Stream">The stream it goes to.</param>
/// <param name="StreamType">The stream's stored type.</param>
/// <param name="Type">Stored name.</param>
/// <param name="Body">Stored JSON.</param>
/// <param name="Headers">Stored headers JSON.</param>
/// <param name="Fingerprint">The header <c>fp</c>.</param>
/// <param name="CorrelationId">Or null.</param>
/// <param name="User">Id of the posting key.</param>
public sealed record ReadyEvent(
    Guid EventId, string Tenant, Guid Stream, string StreamType, string Type, string Body, string Headers, string Fingerprint, string? CorrelationId, string User);

/// <summary>An event that lies in the ledger already.</summary>
public sealed record StoredEvent(Guid EventId, Guid Stream, long Version, string? Fingerprint, string Tenant);

/// <summary>Calls the set-based append, <c>ledger.append_facts</c>, which is written against the event tables of Marten 9.58.</summary>
public static class AppendBatch
{
    /// <summary>Appends all events, or none when some are stored already.</summary>
    /// <returns>The version before this append of each stream, or the stored events.</returns>
    /// <exception cref="PostgresException">23505: one of the ids was stored by somebody else at this moment; roll back and repeat.</exception>
    public static async Task<(Dictionary<Guid, long>? Before, List<StoredEvent> Stored)> AppendAsync(
        NpgsqlConnection connection, IReadOnlyList<ReadyEvent> events, CancellationToken cancellation)
    {
        // PostgreSQL orders UUIDs by their bytes in network order; so do their hex digits.
        var streams = events.GroupBy(e => e.Stream).OrderBy(g => g.Key.ToString("N"), StringComparer.Ordinal).Select(g => (g.First().Tenant, g.Key, g.First().StreamType, Count: g.Count())).ToList();
        var position = streams.Select((s, i) => (s.Key, i)).ToDictionary(s => s.Key, s => s.i + 1);
        var places = new int[events.Count];
        var seen = new Dictionary<Guid, int>(streams.Count);
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = seen[events[i].Stream] = seen.GetValueOrDefault(events[i].Stream) + 1;
        }

        await using var command = new NpgsqlCommand(
            "select stored_id, stored_stream, stored_version, stored_fp, stored_tenant from ledger.append_facts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            connection);
        Add(streams.Select(s => s.Tenant).ToArray(), NpgsqlDbType.Text);
        Add(streams.Select(s => s.Key).ToArray(), NpgsqlDbType.Uuid);
        Add(streams.Select(s => s.StreamType).ToArray(), NpgsqlDbType.Text);
        Add(streams.Select(s => s.Count).ToArray(), NpgsqlDbType.Integer);
        Add(events.Select(e => e.EventId).ToArray(), NpgsqlDbType.Uuid);
        Add(events.Select(e => position[e.Stream]).ToArray(), NpgsqlDbType.Integer);
        Add(places, NpgsqlDbType.Integer);
        Add(events.Select(e => e.Type).ToArray(), NpgsqlDbType.Text);
        Add(events.Select(e => StoredNames.DotNet(e.Type)).ToArray(), NpgsqlDbType.Text);
        Add(events.Select(e => e.Body).ToArray(), NpgsqlDbType.Jsonb);
        Add(events.Select(e => e.Headers).ToArray(), NpgsqlDbType.Jsonb);
        Add(events.Select(e => e.CorrelationId).ToArray(), NpgsqlDbType.Text);
        Add(new string?[events.Count], NpgsqlDbType.Text);
        Add(events.Select(e => e.User).ToArray(), NpgsqlDbType.Text);

        var before = new Dictionary<Guid, long>(streams.Count);
        var stored = new List<StoredEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (await reader.IsDBNullAsync(0, cancellation))
            {
                before.Add(reader.GetGuid(1), reader.GetInt64(2));
            }
            else
            {
                stored.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4)));
            }
        }

        return stored.Count > 0 ? (null, stored) : (before, stored);

        void Add<T>(T[] values, NpgsqlDbType type) => command.Parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
