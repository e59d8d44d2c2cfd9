using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>What of the ledger is settled, and how much of that is projected.</summary>
public static class Settled
{
    /// <summary>The newest sequence noted as settled by <paramref name="time"/>, which must not lie ahead of the clock; 0 before the first note.</summary>
    public static async Task<long> NotedByAsync(NpgsqlConnection connection, DateTimeOffset time, CancellationToken cancellation)
    {
        // A note is stamped a moment before it can be seen. The lock waits for one under way, and any later one is stamped later.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var wait = new NpgsqlCommand("lock table analytics.high_water_note in share mode", connection))
        {
            await wait.ExecuteNonQueryAsync(cancellation);
        }

        await using var command = new NpgsqlCommand(
            "select coalesce((select sequence from analytics.high_water_note where noted_at <= $1 order by noted_at desc limit 1), 0)", connection);
        command.Parameters.Add(new() { Value = time });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Whether no append is under way. Every append locks its stream's table before it draws a sequence number.</summary>
    public static async Task<bool> NobodyAppendsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select not exists (
              select from pg_locks where locktype = 'relation' and database = (select oid from pg_database where datname = current_database())
                and relation in ('ledger.mt_streams'::regclass, 'ledger.mt_events'::regclass) and mode in ('RowExclusiveLock', 'RowShareLock'))
            """,
            connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Sequence of the last event anybody can see; 0 when there is none.</summary>
    public static async Task<long> LastEventAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(seq_id), 0) from ledger.mt_events", connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The point to answer for in the snapshot of this connection; null when it is not projected yet.</summary>
    /// <param name="connection">In a snapshot taken after <paramref name="quiet"/> was seen.</param>
    /// <param name="point">The point asked for; null: as far as the projection has come.</param>
    /// <param name="quiet">
    /// Nobody was appending: numbers above the last event are then spent for nothing, and the projection, which stops at the last event, need not reach them.
    /// </param>
    /// <param name="cancellation">Ends the read.</param>
    public static async Task<long?> ProjectedAsync(NpgsqlConnection connection, long? point, bool quiet, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select coalesce((select last_seq_id from ledger.mt_event_progression where name = $1), 0),
              coalesce((select seq_id from ledger.mt_events where seq_id <= $2 order by seq_id desc limit 1), 0)
            """,
            connection);
        command.Parameters.Add(new() { Value = AnalyticsProjection.Progress });
        command.Parameters.Add(new() { Value = point ?? 0 });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var (progress, last) = (reader.GetInt64(0), reader.GetInt64(1));
        return point is null ? progress : progress >= point || (quiet && progress >= last) ? point : null;
    }
}
