using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Links;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>Judges an award again as of the moment it was granted. The same events and the same rule give the same answer for ever.</summary>
public static class AwardReplay
{
    /// <summary>Where the recorded award differs from what the rule gives; empty if it is the same.</summary>
    /// <param name="award">A recorded <see cref="MilestoneAwarded"/> or <see cref="AwardRenewed"/>.</param>
    /// <param name="events">The learner's stream, up to the award or further, in order of version.</param>
    /// <param name="framework">The framework version that granted it.</param>
    /// <exception cref="ArgumentException"><paramref name="award"/> is another kind of event.</exception>
    public static IReadOnlyList<ReplayDifference> Check(RecordedEvent award, IEnumerable<RecordedEvent> events, FrameworkDefinition framework) =>
        Check(award, [.. events], _ => [], framework);

    /// <summary>As the other, for a learner to whom others may be linked: they count as far as they were linked and recorded then.</summary>
    /// <param name="award">A recorded <see cref="MilestoneAwarded"/> or <see cref="AwardRenewed"/>.</param>
    /// <param name="events">The learner's own stream, in order of version.</param>
    /// <param name="linked">The stream of a learner who was ever linked to them.</param>
    /// <param name="framework">The framework version that granted it.</param>
    public static IReadOnlyList<ReplayDifference> Check(
        RecordedEvent award, IReadOnlyList<RecordedEvent> events, Func<Guid, IReadOnlyList<RecordedEvent>> linked, FrameworkDefinition framework)
    {
        var own = events.Where(e => e.Version < award.Version).ToList();
        var others = LinkedStreams.At(own.Select(e => e.Data)).Select(l => linked(l).TakeWhile(e => e.Sequence < award.Sequence).ToList());
        var before = Transcript.Fold(award.Stream, LinkedStreams.Merge(own, others));
        return award.Data switch
        {
            MilestoneAwarded grant => [.. Grant(grant, award.Actor, before, framework)],
            AwardRenewed renewal => [.. Renewal(renewal, before, framework)],
            _ => throw new ArgumentException($"{award.Type} grants nothing.", nameof(award)),
        };
    }

    private static IEnumerable<ReplayDifference> Grant(MilestoneAwarded grant, string actor, Transcript before, FrameworkDefinition framework)
    {
        if (Find(framework, grant.Framework, grant.FrameworkVersion, grant.Milestone) is not { } milestone)
        {
            return WrongVersion(grant.Framework, grant.FrameworkVersion, grant.Milestone, framework);
        }

        // A person's award takes effect when they decide; only the policy's own effect follows from the events.
        var isAutomatic = AwardRules.IsPolicy(actor);
        return
        [
            .. Compare("ruleHash", grant.RuleHash, RuleHash.Of(milestone)),
            .. Rule(grant.Basis, isAutomatic ? grant.EffectiveAt : null, before, framework, milestone),
            .. End(grant.EffectiveAt, grant.ExpiresAt, milestone.Rule),
        ];
    }

    private static IEnumerable<ReplayDifference> Renewal(AwardRenewed renewal, Transcript before, FrameworkDefinition framework)
    {
        if (before.FindAward(renewal.Award) is not { } award)
        {
            return [new ReplayDifference("award", renewal.Award.ToString(), null)];
        }

        return Find(framework, award.Framework, award.FrameworkVersion, award.Milestone) is { } milestone
            ? Compare("ruleHash", award.RuleHash, RuleHash.Of(milestone))
                .Concat(Rule(renewal.Basis, null, before, framework, milestone))
                .Concat(End(renewal.EffectiveAt, renewal.ExpiresAt, milestone.Rule))
            : WrongVersion(award.Framework, award.FrameworkVersion, award.Milestone, framework);
    }

    private static Milestone? Find(FrameworkDefinition framework, string code, int version, string milestone) =>
        framework.Code == code && framework.Version == version ? framework.Milestones.FirstOrDefault(m => m.Code == milestone) : null;

    private static ReplayDifference[] WrongVersion(string code, int version, string milestone, FrameworkDefinition given) =>
        [new ReplayDifference("framework", $"{milestone} of {code}/{version}", $"{given.Code}/{given.Version}")];

    private static IEnumerable<ReplayDifference> Rule(
        IReadOnlyList<Guid> basis, DateTimeOffset? effectiveAt, Transcript before, FrameworkDefinition framework, Milestone milestone) =>
        AwardPolicy.Evaluate(before, framework, milestone) switch
        {
            Eligibility.Eligible met =>
            [
                .. Compare("basis", string.Join(' ', basis), string.Join(' ', met.Basis)),
                .. effectiveAt is { } at ? Compare("effectiveAt", LedgerJson.Text(at), LedgerJson.Text(met.EffectiveAt)) : [],
            ],
            Eligibility.Missing missing => [new ReplayDifference("eligible", "true", string.Join(", ", missing.Reasons.Select(Text)))],
            _ => [],
        };

    private static IEnumerable<ReplayDifference> End(DateTimeOffset effectiveAt, DateTimeOffset? expiresAt, AwardRule rule)
    {
        Validity.TryEnd(effectiveAt, rule.ValidFor, out var end);
        return Compare("expiresAt", Text(expiresAt), Text(end));
    }

    private static IEnumerable<ReplayDifference> Compare(string field, string? recorded, string? replayed) =>
        recorded == replayed ? [] : [new ReplayDifference(field, recorded, replayed)];

    private static string? Text(DateTimeOffset? time) => time is { } t ? LedgerJson.Text(t) : null;

    private static string Text(MissingReason reason) => $"{reason.Rule} {reason.Skill} needs {reason.Need}, has {reason.Have?.ToString() ?? "nothing"}";
}

/// <summary>One field of a recorded award that the rule does not give.</summary>
/// <param name="Field"><c>framework</c>, <c>award</c>, <c>ruleHash</c>, <c>eligible</c>, <c>basis</c>, <c>effectiveAt</c> or <c>expiresAt</c>.</param>
/// <param name="Recorded">What the award says; null: nothing.</param>
/// <param name="Replayed">What the rule gives; null: nothing.</param>
public sealed record ReplayDifference(string Field, string? Recorded, string? Replayed);
