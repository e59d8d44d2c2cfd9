using Npgsql;

namespace LearningLedger.Service.Pages.Audit;

/// <summary>An event as the audit trail shows it.</summary>
/// <param name="Sequence">Its place in the ledger.</param>
/// <param name="EventId">Its id.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Stream">The stream it lies in.</param>
/// <param name="Family">What that stream is of: a learner, or something that has no transcript.</param>
/// <param name="Version">Its place in the stream.</param>
/// <param name="Occurred">When it happened, as stored.</param>
/// <param name="Recorded">When it was recorded.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Source">The platform, or null.</param>
/// <param name="Correlation">What ties it to other work, or null.</param>
/// <param name="Data">Its body.</param>
public sealed record AuditEvent(
    long Sequence, Guid EventId, string Type, Guid Stream, string Family, long Version, string Occurred, DateTimeOffset Recorded, string Actor, string? Source,
    string? Correlation, string Data);

/// <summary>What to look for; null asks for everything.</summary>
/// <param name="Actor"><c>key:id</c>, <c>person:code</c> or <c>policy:name</c>.</param>
/// <param name="Stream">A learner, cohort or framework.</param>
/// <param name="Correlation">What ties events of one piece of work together.</param>
/// <param name="From">Recorded at or after.</param>
/// <param name="To">Recorded before.</param>
public sealed record AuditFilter(string? Actor, Guid? Stream, string? Correlation, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>A page of the trail.</summary>
/// <param name="Events">Newest first.</param>
/// <param name="LookedBackTo">Everything from here up to where the page began was looked at.</param>
/// <param name="More">Whether older events may match.</param>
public sealed record AuditPage(IReadOnlyList<AuditEvent> Events, long LookedBackTo, bool More);

/// <summary>The events of an organisation, newest first.</summary>
/// <remarks>
/// Actor, correlation and time have no index: each would cost every event that is recorded. A page looks back over a bounded stretch of the ledger instead
/// and says how far it looked, so its cost does not grow with the ledger. One stream is read by its own index.
/// </remarks>
public static class AuditTrail
{
    /// <summary>Events shown at once.</summary>
    public const int Page = 100;

    /// <summary>Sequence numbers one page looks at.</summary>
    public const int Stretch = 20_000;

    /// <summary>Reads a page.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="filter">What to look for.</param>
    /// <param name="before">Sequence before which to look; null: from the newest on.</param>
    /// <param name="cancellation">Ends the read.</param>
    public static async Task<AuditPage> ReadAsync(NpgsqlDataSource database, string tenant, AuditFilter filter, long? before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var end = before ?? await HeadAsync(connection, filter.To, cancellation) + 1;
        var begin = filter.Stream is null ? Math.Max(1, end - Stretch) : 1;
        var events = await EventsAsync(connection, tenant, filter, begin, end, cancellation);
        return events.Count > Page
            ? new([.. events.Take(Page)], events[Page - 1].Sequence, true)
            : new(events, begin, begin > 1);
    }

    // A minute after the end nothing recorded before it is still on its way; the note gives the sequence of that moment.
    private static async Task<long> HeadAsync(NpgsqlConnection connection, DateTimeOffset? to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select coalesce(
              (select sequence from analytics.high_water_note where noted_at >= $1::timestamptz + interval '1 minute' order by noted_at limit 1),
              (select max(seq_id) from ledger.mt_events), 0)
            """,
            connection);
        command.Parameters.Add(new() { Value = (object?)to ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<List<AuditEvent>> EventsAsync(
        NpgsqlConnection connection, string tenant, AuditFilter filter, long begin, long end, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, id, type, stream_id, (select s.type from ledger.mt_streams s where s.tenant_id = $1 and s.id = stream_id), version, headers ->> 'occurred', timestamp, headers ->> 'actor', headers ->> 'source',
                correlation_id, data::text
              from ledger.mt_events
              where tenant_id = $1 and seq_id >= $2 and seq_id < $3
                {(filter.Stream is null ? "" : "and stream_id = $4")}
                and ($5::text is null or headers ->> 'actor' = $5) and ($6::text is null or correlation_id = $6)
                and ($7::timestamptz is null or timestamp >= $7) and ($8::timestamptz is null or timestamp < $8)
              order by seq_id desc limit {Page + 1}
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = begin });
        command.Parameters.Add(new() { Value = end });
        command.Parameters.Add(new() { Value = (object?)filter.Stream ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = (object?)filter.Actor ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)filter.Correlation ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)filter.From ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = (object?)filter.To ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<AuditEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetGuid(3), reader.GetString(4), reader.GetInt64(5), reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7), reader.GetString(8), reader.IsDBNull(9) ? null : reader.GetString(9),
                reader.IsDBNull(10) ? null : reader.GetString(10), reader.GetString(11)));
        }

        return events;
    }
}
