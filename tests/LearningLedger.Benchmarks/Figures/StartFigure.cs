namespace LearningLedger.Benchmarks.Figures;

/// <summary>From start to ready on a database that exists.</summary>
internal sealed class StartFigure() : Figure("start")
{
    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        var rounds = new List<double>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            await bench.Service.StopAsync();
            rounds.Add((await bench.Service.StartAsync(cancellation)).TotalSeconds);
        }

        await Checks.AllAsync(bench, cancellation);
        report.AtMost(Name, rounds, "s", 3);
    }
}
