using System.Diagnostics;
using Npgsql;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>Batches of 500 events for 500 learners over 4 connections, beside raw COPY of the same rows into an identical table.</summary>
internal sealed class BatchFigure() : Figure("batch")
{
    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        // The streams are the service's own: what they are changed to does not matter to the foreign key.
        await bench.DoAsync(
            """
            drop schema if exists bench cascade;
            create schema bench;
            create table bench.mt_events (like ledger.mt_events including all,
              foreign key (tenant_id, stream_id) references ledger.mt_streams (tenant_id, id));
            """,
            cancellation);
        var rounds = new List<(double, double)>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var before = await bench.AskAsync<long>("select max(seq_id) from ledger.mt_events", cancellation);
            var ours = await bench.PostAsync(bench.Size.BatchEvents, perRequest: 500, connections: 4, cancellation);
            await Checks.AllAsync(bench, cancellation);
            rounds.Add((ours.Rate, await CopyAsync(bench, before, ours.Accepted, cancellation)));
        }

        await bench.DoAsync("drop schema bench cascade", cancellation);
        report.BatchRate = Report.Median([.. rounds.Select(r => r.Item1)]);
        report.CopyRate = Report.Median([.. rounds.Select(r => r.Item2)]);
        report.AtLeast(Name, rounds, "events/s", 0.40);
    }

    private static async Task<double> CopyAsync(Bench bench, long after, long events, CancellationToken cancellation)
    {
        await using var connection = await bench.Database.OpenConnectionAsync(cancellation);
        using var rows = new MemoryStream();
        await using (var read = await connection.BeginRawBinaryCopyAsync(
            $"copy (select * from ledger.mt_events where seq_id > {after} order by seq_id) to stdout (format binary)", cancellation))
        {
            await read.CopyToAsync(rows, cancellation);
        }

        rows.Position = 0;
        var began = Stopwatch.GetTimestamp();
        await using (var write = await connection.BeginRawBinaryCopyAsync("copy bench.mt_events from stdin (format binary)", cancellation))
        {
            await rows.CopyToAsync(write, cancellation);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await using var count = new NpgsqlCommand($"select count(*) from bench.mt_events where seq_id > {after}", connection);
        return await count.ExecuteScalarAsync(cancellation) is long copied && copied == events
            ? events / seconds
            : throw new CheckFailedException($"{events} rows were to be copied");
    }
}
