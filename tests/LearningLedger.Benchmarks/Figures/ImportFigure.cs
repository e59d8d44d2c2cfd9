using System.Diagnostics;
using LearningLedger.Benchmarks.Load;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>The verb <c>import</c> on a file of events for existing learners, from its start to its end, beside raw COPY of the same rows.</summary>
internal sealed class ImportFigure() : Figure("import")
{
    // Of so many events that more would only make the run long.
    private const int Rounds = 3;

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        await RawCopy.PrepareAsync(bench.Database, cancellation);
        var file = bench.File("events.ndjson");
        var rounds = new List<(double, double)>();
        for (var i = 0; i < Math.Min(Rounds, bench.Size.Rounds); i++)
        {
            await WriteAsync(bench, file, cancellation);
            var before = await bench.AskAsync<long>("select max(seq_id) from ledger.mt_events", cancellation);
            var began = Stopwatch.GetTimestamp();
            await using (var import = bench.Service.Run("import", file, "--url", bench.Service.Url.OriginalString))
            {
                await import.SucceedsAsync(cancellation);
            }

            var rate = bench.Size.ImportEvents / Stopwatch.GetElapsedTime(began).TotalSeconds;
            bench.Posted += bench.Size.ImportEvents;
            await Checks.AllAsync(bench, cancellation);
            rounds.Add((rate, await RawCopy.CopyAsync(bench.Database, bench.File("rows"), before, bench.Size.ImportEvents, cancellation)));
        }

        File.Delete(file);
        await RawCopy.EndAsync(bench.Database, cancellation);
        report.AtLeast(Name, rounds, "events/s", 0.5);
    }

    private static async Task WriteAsync(Bench bench, string file, CancellationToken cancellation)
    {
        var events = new Requests(bench.Spec(1, 1));
        await using var lines = new StreamWriter(file);
        for (var n = 0; n < bench.Size.ImportEvents; n++)
        {
            await lines.WriteAsync(events.Line(n).Append('\n'), cancellation);
        }
    }
}
