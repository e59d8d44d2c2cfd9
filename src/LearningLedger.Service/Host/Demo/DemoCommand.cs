using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace LearningLedger.Service.Host.Demo;

/// <summary>The main job, shown: simulated learners climb nine levels through the real API, and the ledger is held against their lives.</summary>
public static class DemoCommand
{
    /// <summary>Runs it against a running service.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="client">Its base address is the service.</param>
    /// <param name="bootstrapKey">The operator's key.</param>
    /// <param name="console">Where it is told.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>0 when the ledger agrees with the simulation in everything, else 1.</returns>
    public static Task<int> RunAsync(DemoOptions options, HttpClient client, string bootstrapKey, IAnsiConsole console, CancellationToken ct) =>
        RunAsync(options, client, bootstrapKey, console, DemoWaiting.Patience, ct);

    internal static async Task<int> RunAsync(
        DemoOptions options, HttpClient client, string bootstrapKey, IAnsiConsole console, TimeSpan patience, CancellationToken ct)
    {
        if (options.Learners is < 1 or > DemoOptions.MostLearners)
        {
            console.WriteLine($"--learners must be between 1 and {DemoOptions.MostLearners}.");
            return 1;
        }

        try
        {
            return await RunStepsAsync(options, new DemoApi(client), bootstrapKey, console, patience, ct) ? 0 : 1;
        }
        catch (Exception e) when (e is DemoException or HttpRequestException)
        {
            console.WriteLine($"The demo cannot go on: {e.Message}");
            return 1;
        }
    }

    private static async Task<bool> RunStepsAsync(
        DemoOptions options, DemoApi api, string bootstrapKey, IAnsiConsole console, TimeSpan patience, CancellationToken ct)
    {
        var simulation = DemoSimulation.Run(options, DemoFramework.Read());
        var stage = new DemoStage(api, await DemoKeys.MakeAsync(api, bootstrapKey, ct), simulation, DemoTruth.Of(simulation), console);
        console.WriteLine($"{options.Learners} simulated learners, seed {options.Seed}, cohort {options.Cohort} in tenant {DemoOptions.Tenant}.");
        await stage.PrepareAsync(ct);

        var since = Stopwatch.StartNew();
        var posted = await Posted.PostAsync(stage, ct);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{posted.Accepted} events recorded, {posted.Duplicates} were there already, in {since.Elapsed.TotalSeconds:0.0} s."));

        var voided = await DemoDecisions.VoidAsync(stage, posted, ct);
        var reviewed = await DemoDecisions.ReviewAsync(stage, posted, ct);
        await DemoWaiting.ForAwardsAsync(stage, patience, ct);
        var awarded = await DemoDecisions.AwardAsync(stage, posted, ct);
        console.WriteLine($"{voided} attempts voided, {reviewed} reviews, {awarded} awards by a person.");
        await DemoWaiting.ForFiguresAsync(stage, patience, ct);

        var transcripts = await stage.TranscriptsAsync(posted.Learners, ct);
        var funnel = await stage.FunnelAsync(ct);
        var skills = await stage.SkillsAsync(ct);
        var times = await stage.TimesAsync(ct);
        await ShowFurthestAsync(stage, ct);
        DemoReport.Funnel(stage, funnel);
        DemoReport.HardestSkills(stage, skills);
        return DemoReport.Checks(
            stage, [.. DemoChecks.All(stage, posted, transcripts, funnel, skills, times), .. await QuestionChecksAsync(DemoView.Of(stage, posted, transcripts, funnel), ct)]);
    }

    private static async Task<IReadOnlyList<DemoCheck>> QuestionChecksAsync(DemoView view, CancellationToken ct) =>
    [
        await MasteryCheck.AskAsync(view, ct),
        .. await AssessorsCheck.AskAsync(view, ct),
        await TrendsCheck.AskAsync(view, ct),
        await StuckCheck.AskAsync(view, ct),
        .. await CompareCheck.AskAsync(view, ct),
        await ExpiringCheck.AskAsync(view, ct),
    ];

    /// <summary>Looks the learner who came furthest up as anybody would who knows the platform's name for them.</summary>
    private static async Task ShowFurthestAsync(DemoStage stage, CancellationToken ct)
    {
        var furthest = stage.Simulation.Learners[stage.Truth.Reached.Select((levels, i) => (levels, i)).MaxBy(r => r.levels).i];
        var query = $"source={Uri.EscapeDataString(stage.Options.Source)}&subject={Uri.EscapeDataString(furthest.Subject)}";
        var found = await stage.Api.GetAsync<LearnerAnswer>(stage.Keys.Auditor, $"/v1/learners?{query}", ct);
        DemoReport.Transcript(stage, furthest, (await stage.TranscriptsAsync([found.Id], ct))[0]);
    }
}
