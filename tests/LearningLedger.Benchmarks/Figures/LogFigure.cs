using System.Diagnostics;
using LearningLedger.Benchmarks.Load;
using LearningLedger.Benchmarks.Logging;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>
/// The tamper-evident log, on a ledger of its own: what its outbox costs an append, whether it keeps up, how soon an event is covered, and how long a proof takes.
/// The replay of a whole log is a figure of its own.
/// </summary>
internal sealed class LogFigure() : Figure("log")
{
    private const int PerRequest = 500;
    private const int CoveredRate = 1_000;

    // Each takes minutes in a full run.
    private const int Rounds = 3;

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        await bench.Service.StopAsync();
        await using var ledger = await LoggedLedger.StartAsync(bench, cancellation);
        await PostAsync(bench, ledger, bench.Size.Learners, cancellation);
        await ledger.CoveredAsync(cancellation);
        var (speed, backlog, drained, late) = (new List<(double, double)>(), new List<double>(), new List<(double, double)>(), new List<double>());
        for (var i = 0; i < Math.Min(Rounds, bench.Size.Rounds); i++)
        {
            speed.Add(await AloneAsync(bench, ledger, cancellation));
            var (oldest, drain, ingest) = await TogetherAsync(bench, ledger, cancellation);
            backlog.Add(oldest.TotalSeconds);
            drained.Add((drain.TotalSeconds, ingest));
            late.Add(await CoveredAsync(bench, ledger, cancellation));
        }

        await ledger.CheckAsync(cancellation);
        await ledger.Service.StopAsync();
        report.AtLeast("log-outbox (append with ÷ without)", await OutboxCost.TakeAsync(ledger.Database, bench.Size, cancellation), "events/s", 0.93);
        report.AtLeast("log-sequencer (÷ batch ingest)", speed, "events/s", 0.8);
        report.AtMost("log-backlog (oldest while both run)", backlog, "s", 60);
        report.AtMost("log-drain (÷ ingest)", drained, "s", 1);
        report.AtMost("log-covered (p99 at 1,000/s)", late, "ms", 1_000);
        report.AtMost("log-proof (median)", await ProofTime.TakeAsync(ledger.Database, bench.Size, cancellation), "ms", 1);
        bench.Service.Include(ledger.Service);
        await bench.Service.StartAsync(cancellation);
    }

    /// <summary>Batches while the log rests, then the log while nothing else happens; events a second of the log, and of the batches.</summary>
    private static async Task<(double, double)> AloneAsync(Bench bench, LoggedLedger ledger, CancellationToken cancellation)
    {
        LoadResult posted;
        await using (await ledger.RestAsync(cancellation))
        {
            posted = await PostAsync(bench, ledger, bench.Size.LoggedEvents, cancellation);
            await Checks.CaughtUpAsync(ledger.Database, cancellation);
            await ledger.Service.StopAsync();
        }

        var began = Stopwatch.GetTimestamp();
        var logged = await ledger.SequenceAsync(cancellation);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await ledger.Service.StartAsync(cancellation);
        return logged >= posted.Accepted ? (logged / seconds, posted.Rate) : throw new CheckFailedException($"{logged} of {posted.Accepted} events waited for the log");
    }

    /// <summary>Both at once: how long the oldest event waited, and how long the log went on when no more came.</summary>
    private static async Task<(TimeSpan Oldest, TimeSpan Drain, double Ingest)> TogetherAsync(Bench bench, LoggedLedger ledger, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var oldest = ledger.OldestAsync(stop.Token);
        var posted = await PostAsync(bench, ledger, bench.Size.LoggedEvents, cancellation);
        var ended = Stopwatch.GetTimestamp();
        await ledger.CoveredAsync(cancellation);
        var drain = Stopwatch.GetElapsedTime(ended);
        await stop.CancelAsync();
        return (await oldest, drain, posted.Seconds);
    }

    private static async Task<double> CoveredAsync(Bench bench, LoggedLedger ledger, CancellationToken cancellation)
    {
        await Checks.CaughtUpAsync(ledger.Database, cancellation);
        await using var coverage = await Coverage.WatchAsync(ledger.Database, cancellation);
        var posted = await LoadGenerator.StartAsync(
            bench.Spec(1, 64) with { Url = ledger.Service.Url, Rate = CoveredRate, Seconds = bench.Size.Seconds }, cancellation);
        ledger.Posted += posted.Accepted;
        await ledger.CoveredAsync(cancellation);
        return await coverage.P99MsAsync(posted.Accepted, cancellation);
    }

    private static async Task<LoadResult> PostAsync(Bench bench, LoggedLedger ledger, int events, CancellationToken cancellation)
    {
        var posted = await LoadGenerator.StartAsync(
            bench.Spec(PerRequest, 4) with { Url = ledger.Service.Url, Requests = Math.Max(1, events / PerRequest) }, cancellation);
        ledger.Posted += posted.Accepted;
        return posted;
    }
}
