using LearningLedger.Frameworks;
using LearningLedger.Transcripts;
using Spectre.Console;

namespace LearningLedger.Service.Host.Demo;

/// <summary>What every step of the demo works with.</summary>
/// <param name="Api">The service.</param>
/// <param name="Keys">Who takes part.</param>
/// <param name="Simulation">What happened, as the simulation knows it.</param>
/// <param name="Truth">What follows from it.</param>
/// <param name="Console">Where it is told.</param>
internal sealed record DemoStage(DemoApi Api, DemoKeys Keys, DemoSimulation Simulation, DemoTruth Truth, IAnsiConsole Console)
{
    /// <summary>What was asked for.</summary>
    public DemoOptions Options => Simulation.Options;

    /// <summary>The milestones, by level.</summary>
    public IReadOnlyList<Milestone> Milestones => Simulation.Framework.Milestones;

    /// <summary>Publishes the framework and opens the cohorts under that very version; both change nothing the second time.</summary>
    /// <remarks>Nobody here is a person, and every count is to be compared: small ones are shown.</remarks>
    public async Task PrepareAsync(CancellationToken ct)
    {
        await Api.PutAsync(Keys.Admin, "/v1/analytics/minimum-cell", new { minimum = 1 }, ct);
        var published = await Api.PostAsync<PublishedAnswer>(Keys.Admin, "/v1/frameworks", Simulation.Framework, ct);
        foreach (var (code, who) in new[] { (Options.Cohort, "everybody"), (Options.Advanced, "advanced"), (Options.Regular, "regular") })
        {
            await Api.PostAsync(
                Keys.Admin,
                "/v1/cohorts",
                new { code, name = $"Demo cohort, seed {Options.Seed}, {who}", framework = published.Code, version = published.Version },
                ct);
        }
    }

    /// <summary>Everybody's transcript as it is now, in the order of learners.</summary>
    public async Task<TranscriptDocument[]> TranscriptsAsync(IReadOnlyList<Guid> learners, CancellationToken ct)
    {
        var transcripts = new TranscriptDocument[learners.Count];
        await Parallel.ForAsync(0, learners.Count, DemoApi.Together(ct), async (i, one) =>
            transcripts[i] = await Api.GetAsync<TranscriptDocument>(Keys.Auditor, $"/v1/learners/{learners[i]:D}/transcript", one));
        return transcripts;
    }

    /// <summary>The cohort's funnel as it is now.</summary>
    public Task<FunnelAnswer> FunnelAsync(CancellationToken ct) =>
        Api.GetAsync<FunnelAnswer>(Keys.Analyst, $"/v1/cohorts/{Options.Cohort}/analytics/funnel", ct);

    /// <summary>How long the cohort takes to each milestone, by level.</summary>
    public async Task<IReadOnlyList<TimeAnswer>> TimesAsync(CancellationToken ct)
    {
        var times = new List<TimeAnswer>();
        foreach (var milestone in Milestones)
        {
            times.Add(await Api.GetAsync<TimeAnswer>(Keys.Analyst, $"/v1/cohorts/{Options.Cohort}/analytics/time-to-milestone?milestone={milestone.Code}", ct));
        }

        return times;
    }

    /// <summary>The cohort's skills as they are now.</summary>
    public Task<SkillsAnswer> SkillsAsync(CancellationToken ct) =>
        Api.GetAsync<SkillsAnswer>(Keys.Analyst, $"/v1/cohorts/{Options.Cohort}/analytics/skills", ct);

    /// <summary>Shows a bar while something goes on; plain lines where the output is no terminal.</summary>
    public Task WithProgressAsync(string title, int total, Func<Action<int>, Task> work) =>
        Console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(title, maxValue: Math.Max(total, 1));
                await work(done => task.Value = done);
                task.Value = task.MaxValue;
            });
}
