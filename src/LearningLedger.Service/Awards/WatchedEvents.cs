using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Awards;

/// <summary>What the award watch looks at in one event.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Stream">The stream it lies in.</param>
/// <param name="Version">Its version there.</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="Body">What it says; of an attempt only skill and score, of a statement nothing.</param>
internal readonly record struct WatchedEvent(string Tenant, Guid Stream, long Version, string Actor, ILedgerEvent Body);

/// <summary>Reads a range of the ledger for the award watch: only the columns it looks at, and no body of attempts and statements, which most events are.</summary>
internal static class WatchedEvents
{
    private const string Attempt = "skill.attempted";
    private const string Statement = "statement.stored";
    private const string Masked = "{}";

    /// <summary>The events with <paramref name="after"/> &lt; sequence ≤ <paramref name="upTo"/>, by sequence; not those of erased learners, but for their statements.</summary>
    public static async Task<List<WatchedEvent>> ReadAsync(NpgsqlDataSource database, long after, long upTo, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select tenant_id, stream_id, version, headers ->> 'actor', type, case when type = '{Attempt}' then data ->> 'skill' end,
                case when type = '{Attempt}' then (data -> 'score')::numeric end, case when type not in ('{Attempt}', '{Statement}') then data::text end
              from ledger.mt_events where seq_id > $1 and seq_id <= $2 and (type = '{Statement}' or data <> '{Masked}') order by seq_id
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<WatchedEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            var type = reader.GetString(4);
            ILedgerEvent body = type switch
            {
                Attempt => new SkillAttempted(reader.GetString(5), reader.GetDecimal(6)),
                Statement => RecordedEvents.UnreadStatement,
                _ => (ILedgerEvent)JsonSerializer.Deserialize(reader.GetString(7), EventCatalog.Find(type)!.Body, LedgerJson.Options)!,
            };
            events.Add(new WatchedEvent(reader.GetString(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), body));
        }

        return events;
    }
}
