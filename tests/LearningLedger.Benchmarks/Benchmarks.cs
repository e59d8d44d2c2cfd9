using System.CommandLine;
using LearningLedger.Benchmarks.Figures;

namespace LearningLedger.Benchmarks;

/// <summary>The command line: takes the figures asked for, prints and writes them.</summary>
internal static class Benchmarks
{
    // In this order: the later ones find a ledger the earlier ones have filled.
    private static readonly Figure[] All = [new BatchFigure(), new SingleFigure(), new TranscriptFigure(), new ProjectionFigure(), new StartFigure(), new ImportFigure(), new GrowthFigure(), new LogFigure(), new ReplayFigure(), new AnalyticsFigure(), new StatementsFigure()];

    /// <summary>0 when every figure was taken and its check held; whether a bar is met does not matter.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var quick = new Option<bool>("--quick") { Description = "Small sizes: some minutes on a quiet machine." };
        var tiny = new Option<bool>("--tiny") { Description = "Hardly any load: shows that everything runs, measures nothing." };
        var only = new Option<string[]>("--only") { Description = $"Take only these: {string.Join(", ", All.Select(f => f.Name))}." };
        only.AllowMultipleArgumentsPerToken = true;
        only.AcceptOnlyFromAmong([.. All.Select(f => f.Name)]);
        var json = new Option<string>("--json") { Description = "The file written.", DefaultValueFactory = _ => "benchmarks.json" };
        var service = new Option<DirectoryInfo>("--service") { Description = "Folder of a published service to measure. By default this source is published for this platform first, as in its image; --quick and --tiny take what was built." };
        service.AcceptExistingOnly();
        var root = new RootCommand("Measures the service beside what it is compared with, in the same run, on a private PostgreSQL.") { quick, tiny, only, json, service };
        root.SetAction(async (parsed, cancellation) =>
        {
            var size = parsed.GetValue(tiny) ? Sizes.Tiny : parsed.GetValue(quick) ? Sizes.Quick : Sizes.Full;
            var chosen = parsed.GetValue(only) is { Length: > 0 } names ? All.Where(f => names.Contains(f.Name)).ToArray() : All;
            var program = parsed.GetValue(service)?.FullName ?? (size == Sizes.Full ? await PublishedService.MakeAsync(cancellation) : AppContext.BaseDirectory);
            return await MeasureAsync(size, program, chosen, parsed.GetValue(json)!, cancellation);
        });
        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> MeasureAsync(Sizes size, string program, Figure[] figures, string json, CancellationToken cancellation)
    {
        await using var bench = await Bench.StartAsync(size, program, cancellation);
        var report = new Report(await bench.MachineAsync(cancellation));
        foreach (var figure in figures)
        {
            bench.Say($"{figure.Name} ...");
            try
            {
                await figure.TakeAsync(bench, report, cancellation);
            }
            catch (CheckFailedException e)
            {
                report.Fail(figure.Name, e.Message);
                await bench.AfterFailureAsync(cancellation);
            }
        }

        await bench.Service.StopAsync();
        report.Service(bench.Service);
        report.Print();
        await report.WriteAsync(json, cancellation);
        return report.Failed ? 1 : 0;
    }
}
