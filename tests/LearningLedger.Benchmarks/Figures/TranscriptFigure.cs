using System.Diagnostics;
using HdrHistogram;
using LearningLedger.Benchmarks.Load;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>The current transcript of a learner with 500 events, beside a plain SQL read of the same rows.</summary>
internal sealed class TranscriptFigure() : Figure("transcript")
{
    private const int Events = 500;
    private const int Learners = 20;

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        // The first learners get what they lack, each request one event for each of them.
        var most = await bench.AskAsync<long>(
            $"select coalesce(max({Events} - s.version), 0) from registry.identity i join ledger.mt_streams s on s.id = i.learner where i.value < '{Requests.Subject(Learners)}'",
            cancellation);
        if (most > 0)
        {
            var filled = await LoadGenerator.StartAsync(bench.Spec(Learners, 4) with { Learners = Learners, Requests = (int)most }, cancellation);
            bench.Posted += filled.Accepted;
        }

        await Checks.AllAsync(bench, cancellation);
        var learners = await bench.AskAsync<Guid[]>($"select array_agg(learner order by value) from registry.identity where value < '{Requests.Subject(Learners)}'", cancellation);
        var reads = bench.Spec(1, 1) with { Requests = bench.Size.Reads, Read = [.. learners.Select(l => $"/v1/learners/{l:D}/transcript")] };
        await LoadGenerator.StartAsync(reads, cancellation);
        await SqlAsync(bench, learners, cancellation);
        var rounds = new List<(double, double)>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var ours = await LoadGenerator.StartAsync(reads, cancellation);
            rounds.Add((ours.P99Ms, await SqlAsync(bench, learners, cancellation)));
        }

        report.AtMost(Name + " (p99)", rounds, "ms", 5);
    }

    private static async Task<double> SqlAsync(Bench bench, Guid[] learners, CancellationToken cancellation)
    {
        var times = new LongHistogram(1, 600_000_000, 3);
        await using var connection = await bench.Database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            $"select {RecordedEvents.Columns} from ledger.mt_events where tenant_id = $1 and stream_id = $2 order by version", connection);
        command.Parameters.Add(new() { Value = Installation.DefaultTenant });
        var learner = command.Parameters.Add(new() { Value = learners[0] });
        await command.PrepareAsync(cancellation);
        var values = new object[10];
        for (var i = 0; i < bench.Size.Reads; i++)
        {
            var began = Stopwatch.GetTimestamp();
            learner.Value = learners[i % learners.Length];
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = 0;
            while (await reader.ReadAsync(cancellation))
            {
                reader.GetValues(values);
                rows++;
            }

            if (rows < Events)
            {
                throw new CheckFailedException($"a learner has {rows} events, {Events} were to be read");
            }

            times.RecordValue(Math.Max(1, (long)Stopwatch.GetElapsedTime(began).TotalMicroseconds));
        }

        return times.GetValueAtPercentile(99) / 1e3;
    }
}
