using System.Globalization;
using System.Text.Json;
using JasperFx.Events;
using LearningLedger.Events;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Events as the core folds them, from Marten or from plain SQL.</summary>
public static class RecordedEvents
{
    private const string Beside = "id, type, stream_id, version, seq_id, timestamp, headers ->> 'occurred', headers ->> 'actor', headers ->> 'source'";

    /// <summary>The columns <see cref="Read"/> takes, in order.</summary>
    public const string Columns = $"{Beside}, data::text";

    /// <summary>The same for those who fold: statements, which are many and large and say nothing to a fold, come as <see cref="UnreadStatement"/>.</summary>
    public const string FoldedColumns = $"{Beside}, case when type <> 'statement.stored' then data::text end";

    /// <summary>A statement of which only is known that it is there.</summary>
    public static readonly StatementStored UnreadStatement = new(Guid.Empty, "", default, "", new Sealed(""));

    /// <summary>One event as Marten loads it.</summary>
    public static RecordedEvent Of(IEvent e) => new(
        e.Id, e.EventTypeName, e.StreamId, e.Version, e.Sequence, Time(e.GetHeader(EventHeaders.Occurred)!), e.Timestamp.ToUniversalTime(),
        e.GetHeader(EventHeaders.Actor)!.ToString()!, e.GetHeader(EventHeaders.Source)?.ToString(), (ILedgerEvent)e.Data);

    /// <summary>One event from a row of <see cref="Columns"/> or <see cref="FoldedColumns"/>.</summary>
    public static RecordedEvent Read(NpgsqlDataReader row)
    {
        var type = row.GetString(1);
        return new(
            row.GetGuid(0), type, row.GetGuid(2), row.GetInt64(3), row.GetInt64(4), Time(row.GetString(6)), row.GetFieldValue<DateTimeOffset>(5), row.GetString(7),
            row.IsDBNull(8) ? null : row.GetString(8),
            row.IsDBNull(9) ? UnreadStatement : (ILedgerEvent)JsonSerializer.Deserialize(row.GetString(9), EventCatalog.Find(type)!.Body, LedgerJson.Options)!);
    }

    /// <summary>The events of a stream with a version up to <paramref name="version"/>, oldest first, to be folded.</summary>
    public static async Task<List<RecordedEvent>> OfStreamAsync(
        NpgsqlConnection connection, string tenant, Guid stream, long version, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {FoldedColumns} from ledger.mt_events where tenant_id = $1 and stream_id = $2 and version <= $3 order by version", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = version });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<RecordedEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(Read(reader));
        }

        return events;
    }

    // Marten's serializer turns header strings that look like times into times.
    private static DateTimeOffset Time(object header) => header switch
    {
        DateTimeOffset time => time.ToUniversalTime(),
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time, DateTimeKind.Utc)),
        _ => DateTimeOffset.ParseExact(
            header.ToString()!, LedgerJson.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
    };
}
