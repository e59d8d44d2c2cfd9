using System.Diagnostics;
using Npgsql;

namespace LearningLedger.Benchmarks;

/// <summary>The limit: raw binary COPY of rows the service has stored into an identical table.</summary>
internal static class RawCopy
{
    /// <summary>Makes the table, empty.</summary>
    public static Task PrepareAsync(Bench bench, CancellationToken cancellation) => bench.DoAsync(
        // The streams are the service's own: what they are changed to does not matter to the foreign key.
        """
        drop schema if exists bench cascade;
        create schema bench;
        create table bench.mt_events (like ledger.mt_events including all,
          foreign key (tenant_id, stream_id) references ledger.mt_streams (tenant_id, id));
        """,
        cancellation);

    /// <summary>Drops the table.</summary>
    public static Task EndAsync(Bench bench, CancellationToken cancellation) => bench.DoAsync("drop schema bench cascade", cancellation);

    /// <summary>Copies the events after a sequence.</summary>
    /// <returns>Events a second.</returns>
    /// <exception cref="CheckFailedException">Other than <paramref name="events"/> rows were copied.</exception>
    public static async Task<double> CopyAsync(Bench bench, long after, long events, CancellationToken cancellation)
    {
        var file = bench.File("rows");
        await using var connection = await bench.Database.OpenConnectionAsync(cancellation);
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
}
