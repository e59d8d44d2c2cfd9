using System.Globalization;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Who tried and passed which skill, learner by learner and in the two smaller cohorts: counted again, without tolerance.</summary>
internal static class MasteryCheck
{
    /// <summary>Asks and compares.</summary>
    public static async Task<DemoCheck> AskAsync(DemoView view, CancellationToken ct)
    {
        var (simulation, options) = (view.Stage.Simulation, view.Stage.Options);
        var byLearner = await view.AskAsync<Answer>(options.Cohort, "mastery?by=learners", ct);
        var byCohort = await view.AskAsync<Answer>(options.Advanced, $"mastery?with={options.Regular}", ct);
        var cells =
            from learner in simulation.Learners
            from skill in learner.Tries
            let best = skill.Max(a => a.Score)
            select ($"{learner.Subject} {skill.Key}", new Cell(skill.Count(), best, best >= simulation.PassingScore(skill.Key)));
        var counts =
            from cohort in new[] { (Code: options.Advanced, Advanced: true), (Code: options.Regular, Advanced: false) }
            let members = simulation.Learners.Where(l => l.Advanced == cohort.Advanced).ToList()
            from skill in simulation.Framework.Skills
            let tried = members.Where(l => l.Tries.Contains(skill.Code)).ToList()
            let passed = tried.Count(l => l.Tries[skill.Code].Any(a => a.Score >= simulation.PassingScore(skill.Code)))
            select ($"{cohort.Code} {skill.Code}", new Counts(members.Count, tried.Count, passed));
        var (should, shouldCount) = (cells.ToList(), counts.ToList());
        return new DemoCheck(
            string.Create(CultureInfo.InvariantCulture, $"{should.Count:N0} cells of mastery, {shouldCount.Count} of cohorts: attempts, best, passed"),
            [
                .. Tolerance.Differences(
                    byLearner.Learners!.SelectMany(l => l.Skills.Select(s => ($"{view.Subject(l.Learner)} {s.Skill}", new Cell(s.Attempts, s.Best, s.Passed)))), should),
                .. Tolerance.Differences(
                    byCohort.Cohorts!.SelectMany(c => c.Skills.Select(s => ($"{c.Cohort} {s.Skill}", new Counts(c.Members, s.Tried, s.Passed)))), shouldCount),
                .. byLearner.Learners!.Count == options.Learners ? Array.Empty<string>() : [$"{byLearner.Learners!.Count} learners, should be {options.Learners}"],
            ]);
    }

    private sealed record Answer(IReadOnlyList<CohortRow>? Cohorts, IReadOnlyList<LearnerRow>? Learners);

    private sealed record CohortRow(string Cohort, int Members, IReadOnlyList<CohortCell> Skills);

    private sealed record CohortCell(string Skill, int Tried, int Passed);

    private sealed record LearnerRow(Guid Learner, IReadOnlyList<LearnerCell> Skills);

    private sealed record LearnerCell(string Skill, int Attempts, decimal Best, bool Passed);

    private sealed record Cell(int Attempts, decimal Best, bool Passed)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Attempts} tries, best {Best:0.00}, {(Passed ? "passed" : "not passed")}");
    }

    private sealed record Counts(int Members, int Tried, int Passed)
    {
        public override string ToString() => $"{Passed} of {Tried} of {Members}";
    }
}
