using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>Awards a person decides.</summary>
public static class AwardRules
{
    /// <summary>Grants a milestone, taking effect at <paramref name="now"/>.</summary>
    /// <remarks>
    /// A person may also grant a milestone whose rule says <c>automatic</c>: after a revocation or expiry nobody else can. Refuses, in this order:
    /// an open award of the milestone under any version (conflict), an unmet rule (missing), an actor who reviewed counted evidence
    /// (separation of duties; <c>policy:</c> actors are exempt).
    /// </remarks>
    /// <param name="tenant">The tenant.</param>
    /// <param name="transcript">The learner's current transcript.</param>
    /// <param name="framework">The version to judge under.</param>
    /// <param name="milestone">A milestone of it.</param>
    /// <param name="actor">Who decides.</param>
    /// <param name="now">The server's time.</param>
    public static Decision Award(
        string tenant, Transcript transcript, FrameworkDefinition framework, Milestone milestone, string actor, DateTimeOffset now)
    {
        if (transcript.LinkedInto is { } lead)
        {
            return new Refusal.Conflict($"Learner {transcript.Learner} is linked to {lead}: award it to that one.");
        }

        if (transcript.AwardsOf(framework.Code, milestone.Code).FirstOrDefault(a => a.Open) is { } open)
        {
            return new Refusal.Conflict($"Milestone {milestone.Code} is awarded already: {open.Id}.");
        }

        if (Check(transcript, framework, milestone, actor, out var eligible) is { } refusal)
        {
            return refusal;
        }

        var effectiveAt = LedgerJson.Microseconds(now);
        return Validity.TryEnd(effectiveAt, milestone.Rule.ValidFor, out var expiresAt)
            ? Grant(tenant, transcript, framework, milestone, eligible!, effectiveAt, expiresAt)
            : new Refusal.Conflict($"An award for {milestone.Rule.ValidFor} from {LedgerJson.Text(effectiveAt)} has no end in the calendar.");
    }

    /// <summary>The event of the next award of a milestone.</summary>
    internal static DecidedEvent Grant(
        string tenant, Transcript transcript, FrameworkDefinition framework, Milestone milestone, Eligibility.Eligible eligible,
        DateTimeOffset effectiveAt, DateTimeOffset? expiresAt)
    {
        // Free at once in every stream we wrote; but were it ever taken, the grant would be a stray and the policy would grant for ever.
        var n = transcript.AwardsOf(framework.Code, milestone.Code).Count() + 1;
        var award = Id(n);
        while (transcript.FindAward(award) is not null)
        {
            award = Id(++n);
        }

        return new DecidedEvent(
            new MilestoneAwarded(
                award, framework.Code, framework.Version, milestone.Code, RuleHash.Of(milestone), eligible.Basis, effectiveAt, expiresAt),
            effectiveAt);

        Guid Id(int number) => LedgerIds.Award(tenant, transcript.Learner, framework.Code, milestone.Code, number);
    }

    /// <summary>A refusal unless the rule is met and <paramref name="actor"/> may decide on it.</summary>
    internal static Refusal? Check(
        Transcript transcript, FrameworkDefinition framework, Milestone milestone, string actor, out Eligibility.Eligible? eligible)
    {
        var eligibility = AwardPolicy.Evaluate(transcript, framework, milestone);
        eligible = eligibility as Eligibility.Eligible;
        return eligibility switch
        {
            Eligibility.Missing missing => new Refusal.Missing(missing.Reasons),
            Eligibility.Eligible met when met.Reviewers.Contains(actor) && !IsPolicy(actor) =>
                new Refusal.SeparationOfDuties($"{actor} reviewed evidence that counts for {milestone.Code} and may not decide on its award."),
            _ => null,
        };
    }

    /// <summary>Whether the actor is no person and no key, but a rule.</summary>
    internal static bool IsPolicy(string actor) => actor.StartsWith("policy:", StringComparison.Ordinal);
}
