using LearningLedger.Frameworks;

namespace LearningLedger.Service.Host.Demo;

/// <summary>What is true of one skill in the simulated cohort; voided attempts are left out.</summary>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Learners">By how many.</param>
/// <param name="Passes">How many attempts reached the passing score of the lowest milestone that has the skill.</param>
internal sealed record SkillTruth(int Attempts, int Learners, int Passes)
{
    /// <summary>Share of attempts that passed.</summary>
    public double PassRate => (double)Passes / Attempts;
}

/// <summary>What the ledger should come to say, worked out from the simulated lives without any of the ledger's rules.</summary>
/// <param name="AwardedAt">
/// By learner, for each level whose milestone they hold: when the last thing its award rests on occurred, from which on it counts; null where a person decides, who does so
/// while the demo runs.
/// </param>
/// <param name="Skills">By code: every skill anybody tried.</param>
internal sealed record DemoTruth(IReadOnlyList<IReadOnlyList<DateTimeOffset?>> AwardedAt, IReadOnlyDictionary<string, SkillTruth> Skills)
{
    /// <summary>By learner: the levels whose milestone they hold, as a count from level 0 up.</summary>
    public IReadOnlyList<int> Reached { get; } = [.. AwardedAt.Select(times => times.Count)];

    /// <summary>Works it out.</summary>
    public static DemoTruth Of(DemoSimulation simulation) => new(
        [.. simulation.Learners.Select(learner => Times(learner, Achieved(simulation.Framework, learner)))],
        simulation.Framework.Skills
            .Select(skill => (skill.Code, Truth: Of(simulation, skill.Code)))
            .Where(s => s.Truth.Attempts > 0)
            .ToDictionary(s => s.Code, s => s.Truth));

    /// <summary>How many learners hold the milestone of a level.</summary>
    public int Holding(int level) => Reached.Count(levels => levels > level);

    /// <summary>The milestones a learner comes to hold, from level 0 up.</summary>
    public static IEnumerable<Milestone> Achieved(FrameworkDefinition framework, DemoLearner learner) => framework.Milestones.TakeWhile(m => Achieves(learner, m));

    /// <summary>The attempt at a skill that counts for a milestone, if there is any.</summary>
    public static DemoAttempt? Counting(DemoLearner learner, string skill, AwardRule rule) =>
        rule.Attempts == CountingAttempts.Latest ? learner.Tries[skill].LastOrDefault() : learner.Tries[skill].MaxBy(a => a.Score);

    private static bool Achieves(DemoLearner learner, Milestone milestone)
    {
        var work = Work(learner, milestone).ToList();
        return milestone.Skills.All(skill => Counting(learner, skill, milestone.Rule)?.Score >= milestone.Rule.PassingScore)
            && work.Count >= milestone.Rule.Evidence.Minimum
            && work.SelectMany(e => e.Verdicts).Select(v => v.Assessor).Distinct().Count() >= milestone.Rule.Evidence.DistinctAssessors;
    }

    private static IEnumerable<DemoEvidence> Work(DemoLearner learner, Milestone milestone) =>
        learner.Evidence.Where(e => e.Milestone == milestone.Code && e.Accepted);

    private static List<DateTimeOffset?> Times(DemoLearner learner, IEnumerable<Milestone> achieved)
    {
        var times = new List<DateTimeOffset?>();
        DateTimeOffset? before = DemoOptions.Start;
        foreach (var milestone in achieved)
        {
            var basis = milestone.Skills.Select(skill => Counting(learner, skill, milestone.Rule)!.At)
                .Concat(Work(learner, milestone).SelectMany(e => e.Verdicts.Select(v => v.At).Append(e.At)));

            // Each milestone rests on the one before.
            before = milestone.Rule.Decision == AwardDecision.Automatic && before is { } earlier ? basis.Append(earlier).Max() : null;
            times.Add(before);
        }

        return times;
    }

    private static SkillTruth Of(DemoSimulation simulation, string skill)
    {
        var passing = simulation.PassingScore(skill);
        var tries = simulation.Learners.Select(l => l.Tries[skill].ToList()).Where(a => a.Count > 0).ToList();
        return new SkillTruth(tries.Sum(t => t.Count), tries.Count, tries.Sum(t => t.Count(a => a.Score >= passing)));
    }
}
