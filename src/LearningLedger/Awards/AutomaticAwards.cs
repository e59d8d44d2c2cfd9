using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>Awards the policy decides by itself.</summary>
public static class AutomaticAwards
{
    /// <summary>The actor of every automatic award.</summary>
    public const string Actor = "policy:award";

    /// <summary>Whether <see cref="Decide"/> would award anything; cheaper.</summary>
    /// <param name="transcript">The learner's transcript.</param>
    /// <param name="inForce">The version of each framework the learner is judged under.</param>
    public static bool AnyFollows(Transcript transcript, IReadOnlyList<FrameworkDefinition> inForce) => Next(transcript, inForce) is not null;

    /// <summary>What keeps the policy from awarding anything; null if something follows.</summary>
    /// <param name="transcript">The learner's transcript.</param>
    /// <param name="inForce">The version of each framework the learner is judged under.</param>
    public static AwardOutlook? Outlook(Transcript transcript, IReadOnlyList<FrameworkDefinition> inForce)
    {
        var obstacles = new List<Obstacle>();
        foreach (var (framework, milestone) in Candidates(transcript, inForce))
        {
            if (AwardPolicy.Evaluate(transcript, framework, milestone) is not Eligibility.Missing { Reasons: var reasons })
            {
                return null;
            }

            // All of them must fall, so any one will do; attempts come most often.
            var obstacle = reasons.FirstOrDefault(r => r.Rule != "score") ?? reasons[0];
            obstacles.Add(new Obstacle(obstacle.Rule, obstacle.Skill, milestone.Rule.PassingScore));
        }

        return new AwardOutlook(obstacles);
    }

    /// <summary>Every automatic award that follows from the transcript, those that follow from the first ones too (level 1 after level 0).</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="transcript">The learner's current transcript.</param>
    /// <param name="inForce">The version of each framework the learner is judged under.</param>
    /// <returns>The events in order, to be appended as <see cref="Decision"/> says; empty if nothing follows.</returns>
    public static IReadOnlyList<DecidedEvent> Decide(string tenant, Transcript transcript, IReadOnlyList<FrameworkDefinition> inForce)
    {
        // Ends because each round awards a milestone that was never awarded before.
        var decided = new List<DecidedEvent>();
        while (Next(transcript, inForce) is var (framework, milestone, eligible))
        {
            Validity.TryEnd(eligible.EffectiveAt, milestone.Rule.ValidFor, out var expiresAt);
            var award = AwardRules.Grant(tenant, transcript, framework, milestone, eligible, eligible.EffectiveAt, expiresAt);
            decided.Add(award);
            transcript = transcript.Evolve(Provisional(tenant, transcript, award));
        }

        return decided;
    }

    /// <summary>The first milestone to award: by framework, level and code.</summary>
    private static (FrameworkDefinition Framework, Milestone Milestone, Eligibility.Eligible Eligible)? Next(
        Transcript transcript, IReadOnlyList<FrameworkDefinition> inForce)
    {
        foreach (var (framework, milestone) in Candidates(transcript, inForce))
        {
            if (AwardPolicy.Evaluate(transcript, framework, milestone) is Eligibility.Eligible eligible)
            {
                return (framework, milestone, eligible);
            }
        }

        return null;
    }

    /// <summary>The milestones the policy may still award: by framework, level and code.</summary>
    /// <remarks>
    /// One that was ever awarded to the learner, by whomever, is left out: while it is open there is nothing to award, and after its revocation or
    /// expiry only a person may award it again. A learner who is linked to another gets nothing: what both did is judged at the one who leads.
    /// </remarks>
    private static IEnumerable<(FrameworkDefinition Framework, Milestone Milestone)> Candidates(
        Transcript transcript, IReadOnlyList<FrameworkDefinition> inForce) =>
        from framework in inForce.OrderBy(f => f.Code, StringComparer.Ordinal)
        from milestone in framework.Milestones.OrderBy(m => m.Level).ThenBy(m => m.Code, StringComparer.Ordinal)
        where transcript.LinkedInto is null && milestone.Rule.Decision == AwardDecision.Automatic && !transcript.AwardsOf(framework.Code, milestone.Code).Any()
        select (framework, milestone);

    /// <summary>The award as it will be recorded, as far as the next evaluation looks at it: its id and version are final, its sequence is not.</summary>
    private static RecordedEvent Provisional(string tenant, Transcript transcript, DecidedEvent award)
    {
        var (sequence, version, recorded) = transcript.Position;
        return new RecordedEvent(
            LedgerIds.Decision(tenant, transcript.Learner, version + 1), EventCatalog.Of(award.Data.GetType()).Name, transcript.Learner,
            version + 1, sequence + 1, award.Occurred, recorded ?? award.Occurred, Actor, null, award.Data);
    }
}
