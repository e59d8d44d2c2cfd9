namespace LearningLedger.Frameworks;

/// <summary>One version of a framework: milestones with their skills and award rules. The published file format is this record as JSON.</summary>
/// <param name="Code">Slug, unique in the tenant.</param>
/// <param name="Version">1 for the first; given by the ledger when it is published, so a file may leave it out (0).</param>
/// <param name="Title">For people.</param>
/// <param name="Milestones">In order of level; codes unique in the framework.</param>
/// <param name="Skills">Every skill that a milestone names, once.</param>
public sealed record FrameworkDefinition(
    string Code, int Version, string Title, IReadOnlyList<Milestone> Milestones, IReadOnlyList<Skill> Skills);

/// <summary>One competency. Its code means the same in all of a tenant's frameworks.</summary>
/// <param name="Code">Slug.</param>
/// <param name="Title">For people.</param>
public sealed record Skill(string Code, string Title);

/// <summary>A named level with skills and the rule by which it is awarded.</summary>
/// <param name="Code">Slug, unique in the framework.</param>
/// <param name="Level">0 or more; for order and display, the rule's <c>requires</c> decides what builds on what.</param>
/// <param name="Title">For people.</param>
/// <param name="Summary">One or two sentences for people.</param>
/// <param name="Skills">Codes of its skills; a skill may belong to several milestones.</param>
/// <param name="Rule">When it is awarded.</param>
public sealed record Milestone(string Code, int Level, string Title, string Summary, IReadOnlyList<string> Skills, AwardRule Rule);

/// <summary>Which attempt at a skill counts, by occurred, then sequence; voided attempts never do.</summary>
public enum CountingAttempts
{
    /// <summary>The one with the highest score; of equal ones the earliest.</summary>
    Best,

    /// <summary>The last one.</summary>
    Latest,

    /// <summary>The first one.</summary>
    First,
}

/// <summary>Who awards.</summary>
public enum AwardDecision
{
    /// <summary>The policy, as soon as the rule is met.</summary>
    Automatic,

    /// <summary>A person with the scope <c>awards:decide</c> who reviewed none of the evidence.</summary>
    Assessor,
}

/// <summary>The rule of one milestone, as data.</summary>
/// <param name="PassingScore">0 to 1; a counting attempt at or above passes, compared as decimals.</param>
/// <param name="Attempts">Which attempt at each skill counts.</param>
/// <param name="Evidence">How much accepted evidence it takes.</param>
/// <param name="Requires">Codes of milestones of this framework that must have a standing award.</param>
/// <param name="Decision">Who awards.</param>
/// <param name="ValidFor">ISO 8601 duration from the effective time to the end; null: no end.</param>
public sealed record AwardRule(
    decimal PassingScore, CountingAttempts Attempts, EvidenceRule Evidence, IReadOnlyList<string> Requires, AwardDecision Decision, string? ValidFor = null);

/// <summary>How much evidence a milestone takes.</summary>
/// <param name="Minimum">Accepted items, 0 or more.</param>
/// <param name="DistinctAssessors">Distinct accepting actors over the counted items together, 0 or more.</param>
public sealed record EvidenceRule(int Minimum, int DistinctAssessors);
