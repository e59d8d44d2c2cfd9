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
/// <param name="Reached">By learner: the levels whose milestone they hold, as a count from level 0 up.</param>
/// <param name="Skills">By code: every skill anybody tried.</param>
internal sealed record DemoTruth(IReadOnlyList<int> Reached, IReadOnlyDictionary<string, SkillTruth> Skills)
{
    /// <summary>Works it out.</summary>
    public static DemoTruth Of(DemoSimulation simulation) => new(
        [.. simulation.Learners.Select(learner => simulation.Framework.Milestones.TakeWhile(m => Achieves(learner, m)).Count())],
        simulation.Framework.Skills
            .Select(skill => (skill.Code, Truth: Of(simulation, skill.Code)))
            .Where(s => s.Truth.Attempts > 0)
            .ToDictionary(s => s.Code, s => s.Truth));

    /// <summary>How many learners hold the milestone of a level.</summary>
    public int Holding(int level) => Reached.Count(levels => levels > level);

    private static bool Achieves(DemoLearner learner, Milestone milestone)
    {
        var work = learner.Evidence.Where(e => e.Milestone == milestone.Code && e.Accepted).ToList();
        return milestone.Skills.All(skill => Counting(learner, skill, milestone.Rule.Attempts) >= milestone.Rule.PassingScore)
            && work.Count >= milestone.Rule.Evidence.Minimum
            && work.Select(e => e.Assessor).Distinct().Count() >= milestone.Rule.Evidence.DistinctAssessors;
    }

    private static decimal? Counting(DemoLearner learner, string skill, CountingAttempts which)
    {
        var scores = learner.Attempts.Where(a => a.Skill == skill && !a.Voided).Select(a => (decimal?)a.Score);
        return which == CountingAttempts.Latest ? scores.LastOrDefault() : scores.Max();
    }

    private static SkillTruth Of(DemoSimulation simulation, string skill)
    {
        var passing = simulation.Framework.Milestones.First(m => m.Skills.Contains(skill)).Rule.PassingScore;
        var tries = simulation.Learners.Select(l => l.Attempts.Where(a => a.Skill == skill && !a.Voided).ToList()).Where(a => a.Count > 0).ToList();
        return new SkillTruth(tries.Sum(t => t.Count), tries.Count, tries.Sum(t => t.Count(a => a.Score >= passing)));
    }
}
