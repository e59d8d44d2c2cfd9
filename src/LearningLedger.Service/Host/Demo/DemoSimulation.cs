using LearningLedger.Frameworks;

namespace LearningLedger.Service.Host.Demo;

/// <summary>A simulated cohort: the same for the same options and framework, on every machine.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Framework">What they climb.</param>
/// <param name="Learners">Their lives.</param>
internal sealed record DemoSimulation(DemoOptions Options, FrameworkDefinition Framework, IReadOnlyList<DemoLearner> Learners)
{
    /// <summary>From which score on an attempt passes: that of the lowest milestone that has the skill.</summary>
    public decimal PassingScore(string skill) => Framework.Milestones.First(m => m.Skills.Contains(skill)).Rule.PassingScore;

    /// <summary>Simulates everybody.</summary>
    public static DemoSimulation Run(DemoOptions options, FrameworkDefinition framework)
    {
        var tests = Tests(options.Seed, framework);
        return new DemoSimulation(
            options, framework, [.. Enumerable.Range(0, options.Learners).Select(index => LearnerLife.Of(options, framework, tests, index))]);
    }

    /// <summary>Higher levels are harder on the whole; single skills are easier or harder than their level.</summary>
    private static Dictionary<string, SkillTest> Tests(int seed, FrameworkDefinition framework) =>
        framework.Skills
            .Select((skill, index) =>
            {
                var dice = Dice.Of(seed, purpose: 2, index);
                var level = framework.Milestones.First(m => m.Skills.Contains(skill.Code)).Level;
                return (skill.Code, Test: new SkillTest(-1.9 + (0.34 * level) + (0.4 * dice.Normal()), dice.Between(0.9, 1.9)));
            })
            .ToDictionary(t => t.Code, t => t.Test);
}
