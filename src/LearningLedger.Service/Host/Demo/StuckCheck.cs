using System.Globalization;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Who is stuck, at what and since when: worked out again from the lives, without tolerance.</summary>
internal static class StuckCheck
{
    /// <summary>Asks for the half that has been idle longest and compares.</summary>
    public static async Task<DemoCheck> AskAsync(DemoView view, CancellationToken ct)
    {
        var (stage, learners) = (view.Stage, view.Stage.Simulation.Learners);
        var ahead = Enumerable.Range(0, learners.Count).Where(i => stage.Truth.Reached[i] < stage.Milestones.Count)
            .Select(i => (Index: i, Progress: LastProgress(view, i))).ToList();
        var days = view.DaysToMiddle(ahead.Select(l => l.Progress));
        var answer = await view.AskAsync<Answer>(stage.Options.Cohort, string.Create(CultureInfo.InvariantCulture, $"stuck?days={days}"), ct);
        var should = ahead.Where(l => l.Progress <= answer.ComputedAt.AddDays(-days))
            .Select(l => (learners[l.Index].Subject, Row: Row(stage, l.Index, l.Progress, answer.ComputedAt))).ToList();
        var blocked = should.GroupBy(s => (s.Row.Milestone, s.Row.Skill)).Select(g => (Group(g.Key.Milestone, g.Key.Skill), g.Count()));
        return new DemoCheck(
            $"{should.Count} of {learners.Count} stuck longest: since when, at which milestone and skill",
            [
                .. Tolerance.Differences(
                    answer.Learners!.Select(l => (view.Subject(l.Learner), new Stuck(l.Milestone, l.LastProgress, l.IdleDays, l.Skill, l.Attempts, l.Best))), should),
                .. Tolerance.Differences(answer.Blocked.Select(b => (Group(b.Milestone, b.Skill), b.Learners)), blocked),
                .. (answer.Days, answer.Stuck, answer.Members) == (days, should.Count, learners.Count)
                    ? Array.Empty<string>() : [$"{answer.Stuck} of {answer.Members} in {answer.Days} days, should be {should.Count} of {learners.Count} in {days}"],
            ]);
    }

    /// <summary>When they joined, first passed a skill, had work accepted by somebody, or were awarded something, whichever was last.</summary>
    private static DateTimeOffset LastProgress(DemoView view, int index)
    {
        var learner = view.Stage.Simulation.Learners[index];
        var passed = learner.Tries.Select(t => t.FirstOrDefault(a => a.Score >= view.Stage.Simulation.PassingScore(t.Key))?.At).OfType<DateTimeOffset>();
        var accepted = learner.Evidence.SelectMany(e => e.Verdicts).Where(v => v.Accepted).Select(v => v.At);
        return passed.Concat(accepted).Concat(view.AwardedAt[index]).Append(DemoOptions.Start).Max();
    }

    private static Stuck Row(DemoStage stage, int index, DateTimeOffset progress, DateTimeOffset now)
    {
        var learner = stage.Simulation.Learners[index];
        var milestone = stage.Milestones[stage.Truth.Reached[index]];
        var skill = milestone.Skills.Where(s => !(DemoTruth.Counting(learner, s, milestone.Rule)?.Score >= milestone.Rule.PassingScore))
            .OrderByDescending(s => learner.Tries[s].Count()).ThenBy(s => s, StringComparer.Ordinal).FirstOrDefault();
        var tries = skill is null ? [] : learner.Tries[skill].ToList();
        return new Stuck(
            milestone.Code, progress, Math.Round((decimal)(now - progress).Ticks / TimeSpan.TicksPerDay, 6, MidpointRounding.AwayFromZero), skill, tries.Count,
            tries.Count == 0 ? null : tries.Max(a => a.Score));
    }

    private static string Group(string milestone, string? skill) => $"{milestone}, {skill ?? "evidence or a decision"}";

    private sealed record Answer(DateTimeOffset ComputedAt, int Days, int Members, int Stuck, IReadOnlyList<BlockedRow> Blocked, IReadOnlyList<LearnerRow>? Learners);

    private sealed record BlockedRow(string Milestone, string? Skill, int Learners);

    private sealed record LearnerRow(Guid Learner, string Milestone, DateTimeOffset LastProgress, decimal IdleDays, string? Skill, int Attempts, decimal? Best);

    private sealed record Stuck(string Milestone, DateTimeOffset LastProgress, decimal IdleDays, string? Skill, int Attempts, decimal? Best)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Milestone} since {LastProgress:yyyy-MM-dd HH:mm:ss}, {IdleDays} days, {Skill} {Attempts} tries, best {Best}");
    }
}
