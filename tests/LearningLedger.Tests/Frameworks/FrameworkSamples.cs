using LearningLedger.Frameworks;

namespace LearningLedger.Tests.Frameworks;

/// <summary>A small faultless framework, and the seed's.</summary>
internal static class FrameworkSamples
{
    public static AwardRule Rule { get; } = new(0.7m, CountingAttempts.Best, new EvidenceRule(1, 1), [], AwardDecision.Automatic);

    public static FrameworkDefinition Welding { get; } = new(
        "welding",
        0,
        "Welding",
        [
            new Milestone("first-seam", 0, "First seam", "Joins two plates.", ["safety", "flat-seam"], Rule),
            new Milestone(
                "welder",
                1,
                "Welder",
                "Joins in every position.",
                ["safety", "overhead-seam"],
                new AwardRule(0.8m, CountingAttempts.Latest, new EvidenceRule(2, 2), ["first-seam"], AwardDecision.Assessor, "P3Y")),
        ],
        [new Skill("safety", "Safety"), new Skill("flat-seam", "Flat seam"), new Skill("overhead-seam", "Overhead seam")]);

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "frameworks");

    public static FrameworkDefinition With(this FrameworkDefinition definition, int milestone, Func<Milestone, Milestone> change) =>
        definition with { Milestones = [.. definition.Milestones.Select((m, i) => i == milestone ? change(m) : m)] };
}
