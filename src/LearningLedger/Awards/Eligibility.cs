using System.Collections.Frozen;

namespace LearningLedger.Awards;

/// <summary>What the policy found for one milestone.</summary>
public abstract record Eligibility
{
    private Eligibility()
    {
    }

    /// <summary>The rule is met.</summary>
    /// <param name="Basis">
    /// Ids of the events it is met by, in stream order: counting attempts, counted evidence with its accepting reviews, grants (and latest
    /// renewals) of required milestones. Never empty.
    /// </param>
    /// <param name="EffectiveAt">The latest time at which any of them occurred, UTC.</param>
    /// <param name="Reviewers">Actors who reviewed counted evidence; none of them may decide.</param>
    public sealed record Eligible(IReadOnlyList<Guid> Basis, DateTimeOffset EffectiveAt, FrozenSet<string> Reviewers) : Eligibility;

    /// <summary>The rule is not met.</summary>
    /// <param name="Reasons">Everything that is missing, in the order of the rule; never empty.</param>
    public sealed record Missing(IReadOnlyList<MissingReason> Reasons) : Eligibility;
}

/// <summary>One thing that is missing.</summary>
/// <param name="Rule">
/// <c>score</c> (needs the passing score, has the counting attempt's), <c>evidence</c> (accepted items), <c>assessors</c> (distinct accepting
/// actors), <c>requires</c> (needs a standing award of that milestone, has the status of its latest award), or for a rule that can never be met
/// <c>skills</c> (it asks for nothing) and <c>validFor</c> (not a duration that ends).
/// </param>
/// <param name="Need">What it takes.</param>
/// <param name="Have">What there is; null: nothing.</param>
/// <param name="Skill">Code of the skill, for <c>score</c>.</param>
public sealed record MissingReason(string Rule, RuleValue Need, RuleValue? Have = null, string? Skill = null);
