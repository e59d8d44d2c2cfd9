using LearningLedger.Benchmarks.Load;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>Single events over 64 connections, beside one Marten session and save for each; then the time they take at half of our rate.</summary>
internal sealed class SingleFigure() : Figure("single")
{
    private const int Connections = 64;

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        var database = await bench.OtherDatabaseAsync("documented", cancellation);
        await MartenServer.PrepareAsync(database, bench.Size.Learners, cancellation);
        var url = new Uri($"http://127.0.0.1:{Ports.Free()}");
        await using var marten = ChildProcess.Start(typeof(SingleFigure).Assembly.Location, ["marten-server", database, url.OriginalString], ("DOTNET_ENVIRONMENT", "Production"));
        await marten.AnswersAsync(url, cancellation);

        // Both servers compile what they run before anything counts: that takes them some thousand requests.
        await OursAsync(bench, rate: 0, bench.Size.Seconds, cancellation);
        await LoadGenerator.StartAsync(bench.Spec(1, Connections) with { Url = url, Seconds = bench.Size.Seconds }, cancellation);
        var rounds = new List<(double, double)>();
        var late = new List<double>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var ours = await OursAsync(bench, rate: 0, bench.Size.Seconds, cancellation);
            var theirs = await LoadGenerator.StartAsync(bench.Spec(1, Connections) with { Url = url, Seconds = bench.Size.Seconds }, cancellation);
            rounds.Add((ours.Rate, theirs.Rate));
            await Checks.CaughtUpAsync(bench, cancellation);
            late.Add((await OursAsync(bench, ours.Rate / 2, bench.Size.Seconds, cancellation)).P99Ms);
        }

        await Checks.AllAsync(bench, cancellation);
        report.AtLeast(Name, rounds, "events/s", 5);
        report.AtMost("single-latency (p99)", late, "ms", 25);
    }

    private static async Task<LoadResult> OursAsync(Bench bench, double rate, int seconds, CancellationToken cancellation)
    {
        var result = await LoadGenerator.StartAsync(bench.Spec(1, Connections) with { Rate = rate, Seconds = seconds }, cancellation);
        bench.Posted += result.Accepted;
        return result;
    }
}
