using System.Diagnostics;
using Npgsql;

namespace LearningLedger.Benchmarks;

/// <summary>The limit: raw binary COPY of rows the service has stored into an identical table.</summary>
internal static class RawCopy
{
    /// <summary>Makes the table, empty.</summary>
    public static Task PrepareAsync(NpgsqlDataSource database, CancellationToken cancellation) => DoAsync(
        database,
        // LIKE leaves out a table's options; that by which wide rows stay whole makes a difference.
        """
        drop schema if exists bench cascade;
        create schema bench;
        do $$ begin
          execute format('create table bench.mt_events (like ledger.mt_events including all) with (%s)',
            (select array_to_string(reloptions, ', ') from pg_class where oid = 'ledger.mt_events'::regclass));
        end $$;
        """,
        cancellation);

    /// <summary>Drops the table.</summary>
    public static Task EndAsync(NpgsqlDataSource database, CancellationToken cancellation) => DoAsync(database, "drop schema bench cascade", cancellation);

    /// <summary>Copies the events after a sequence.</summary>
    /// <param name="database">The service's.</param>
    /// <param name="file">A file that lies beside the database, and is deleted.</param>
    /// <param name="after">The sequence.</param>
    /// <param name="events">How many there are.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Events a second.</returns>
    /// <exception cref="CheckFailedException">Other than <paramref name="events"/> rows were copied.</exception>
    public static async Task<double> CopyAsync(NpgsqlDataSource database, string file, long after, long events, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using (var rows = File.Create(file))
        await using (var read = await connection.BeginRawBinaryCopyAsync(
            $"copy (select * from ledger.mt_events where seq_id > {after} order by seq_id) to stdout (format binary)", cancellation))
        {
            await read.CopyToAsync(rows, cancellation);
        }

        var began = Stopwatch.GetTimestamp();
        await using (var rows = File.OpenRead(file))
        await using (var write = await connection.BeginRawBinaryCopyAsync("copy bench.mt_events from stdin (format binary)", cancellation))
        {
            await rows.CopyToAsync(write, 1 << 20, cancellation);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        File.Delete(file);
        await using var count = new NpgsqlCommand($"select count(*) from bench.mt_events where seq_id > {after}", connection);
        return await count.ExecuteScalarAsync(cancellation) is long copied && copied == events
            ? events / seconds
            : throw new CheckFailedException($"{events} rows were to be copied");
    }

    private static async Task DoAsync(NpgsqlDataSource database, string sql, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
