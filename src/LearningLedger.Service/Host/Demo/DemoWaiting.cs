using System.Diagnostics;
using LearningLedger.Frameworks;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Waits for what the service does by itself: awards by rule, and the figures that follow the events.</summary>
internal static class DemoWaiting
{
    /// <summary>Given up when nothing has moved for this long; the checks then say what is missing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Until the policy has awarded what follows from the simulated lives.</summary>
    public static Task ForAwardsAsync(DemoStage stage, TimeSpan patience, CancellationToken ct)
    {
        var automatic = stage.Milestones.Where(m => m.Rule.Decision == AwardDecision.Automatic).Select(m => m.Level).ToList();
        return UntilAsync(stage, "Awarding by rule", automatic.Sum(stage.Truth.Holding), async () =>
        {
            var funnel = await stage.FunnelAsync(ct);
            return funnel.Milestones.Where(m => automatic.Contains(m.Level)).Sum(m => Math.Min(m.Granted, stage.Truth.Holding(m.Level)));
        }, patience, ct);
    }

    /// <summary>Until the cohort's figures have caught up.</summary>
    public static Task ForFiguresAsync(DemoStage stage, TimeSpan patience, CancellationToken ct) =>
        UntilAsync(stage, "Counting up", DemoChecks.Figures(stage), async () =>
        {
            var wrong = DemoChecks.WrongFunnel(stage, await stage.FunnelAsync(ct)).Count + DemoChecks.WrongSkills(stage, await stage.SkillsAsync(ct)).Count;
            return DemoChecks.Figures(stage) - wrong;
        }, patience, ct);

    private static Task UntilAsync(DemoStage stage, string title, int target, Func<Task<int>> reached, TimeSpan patience, CancellationToken ct) =>
        stage.WithProgressAsync(title, target, async report =>
        {
            var (best, since) = (-1, Stopwatch.StartNew());
            for (var now = await reached(); now < target; now = await reached())
            {
                if (now > best)
                {
                    (best, since) = (now, Stopwatch.StartNew());
                    report(now);
                }
                else if (since.Elapsed > patience)
                {
                    return;
                }

                await Task.Delay(Pause, ct);
            }
        });
}
