namespace LearningLedger.Benchmarks.Figures;

/// <summary>Batches of 500 events for 500 learners over 4 connections, beside raw COPY of the same rows into an identical table.</summary>
internal sealed class BatchFigure() : Figure("batch")
{
    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        await RawCopy.PrepareAsync(bench.Database, cancellation);

        // The service compiles what it runs before anything counts.
        await bench.PostAsync(bench.Size.BatchEvents, perRequest: 500, connections: 4, cancellation);
        await Checks.AllAsync(bench, cancellation);
        var rounds = new List<(double, double)>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var before = await bench.AskAsync<long>("select max(seq_id) from ledger.mt_events", cancellation);
            var ours = await bench.PostAsync(bench.Size.BatchEvents, perRequest: 500, connections: 4, cancellation);
            await Checks.AllAsync(bench, cancellation);
            rounds.Add((ours.Rate, await RawCopy.CopyAsync(bench.Database, bench.File("rows"), before, ours.Accepted, cancellation)));
        }

        await RawCopy.EndAsync(bench.Database, cancellation);
        report.BatchRate = Report.Median([.. rounds.Select(r => r.Item1)]);
        report.CopyRate = Report.Median([.. rounds.Select(r => r.Item2)]);
        report.AtLeast(Name, rounds, "events/s", 0.40);
    }
}
