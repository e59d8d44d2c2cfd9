using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>What may become of an award after it was granted. Each function gives one event, or refuses.</summary>
public static class AwardLifecycle
{
    /// <summary>The actor of every expiry.</summary>
    public const string ExpiryActor = "policy:expiry";

    /// <summary>Lets a flagged award stand: the flag ends. Refuses one that is not flagged, and one that is revoked or expired.</summary>
    public static Decision Affirm(Transcript transcript, AwardAct act, DateTimeOffset now) =>
        act.Check(transcript, now, out var award, out var effectiveAt) is { } refusal ? refusal
        : !award.Open ? Conflict(award, "affirmed")
        : !award.Flagged ? new Refusal.Conflict($"Award {award.Id} is not flagged.")
        : new DecidedEvent(new AwardAffirmed(award.Id, act.Reason, act.Note), effectiveAt);

    /// <summary>Stops a standing award for the time being; ends its flag.</summary>
    public static Decision Suspend(Transcript transcript, AwardAct act, DateTimeOffset now) =>
        act.Check(transcript, now, out var award, out var effectiveAt) is { } refusal ? refusal
        : award.Status != AwardStatus.Awarded ? Conflict(award, "suspended")
        : new DecidedEvent(new AwardSuspended(award.Id, act.Reason, effectiveAt, act.Note), effectiveAt);

    /// <summary>Lets a suspended award stand again.</summary>
    /// <remarks>
    /// Time runs on during a suspension, but only standing awards expire. So one reinstated after its end expires with the next look at the clock,
    /// and can then be renewed; refusing it here would leave revocation as the only way out.
    /// </remarks>
    public static Decision Reinstate(Transcript transcript, AwardAct act, DateTimeOffset now) =>
        act.Check(transcript, now, out var award, out var effectiveAt) is { } refusal ? refusal
        : award.Status != AwardStatus.Suspended ? Conflict(award, "reinstated")
        : new DecidedEvent(new AwardReinstated(award.Id, act.Reason, effectiveAt, act.Note), effectiveAt);

    /// <summary>Withdraws a standing or suspended award for good.</summary>
    public static Decision Revoke(Transcript transcript, AwardAct act, DateTimeOffset now) =>
        act.Check(transcript, now, out var award, out var effectiveAt) is { } refusal ? refusal
        : !award.Open ? Conflict(award, "revoked")
        : new DecidedEvent(new AwardRevoked(award.Id, act.Reason, effectiveAt, act.Note), effectiveAt);

    /// <summary>Confirms a standing or expired award anew: it stands until the effective time plus the rule's <c>validFor</c>.</summary>
    /// <remarks>
    /// Refuses, in this order: another status or another open award of the milestone or a rule without end (conflict), a rule no longer met
    /// (missing), an actor who reviewed counted evidence (separation of duties), an effective time so far back that the renewed award would be
    /// over (invalid). A flag stays: only affirm, suspend and revoke end it.
    /// </remarks>
    /// <param name="transcript">The learner's current transcript.</param>
    /// <param name="grantedUnder">The framework version that granted the award.</param>
    /// <param name="act">What is wanted.</param>
    /// <param name="actor">Who decides.</param>
    /// <param name="now">The server's time.</param>
    /// <exception cref="ArgumentException"><paramref name="grantedUnder"/> is another framework or version.</exception>
    public static Decision Renew(Transcript transcript, FrameworkDefinition grantedUnder, AwardAct act, string actor, DateTimeOffset now)
    {
        if (act.Check(transcript, now, out var award, out var effectiveAt) is { } refusal)
        {
            return refusal;
        }

        if (award.Status is not (AwardStatus.Awarded or AwardStatus.Expired))
        {
            return Conflict(award, "renewed");
        }

        if (transcript.AwardsOf(award.Framework, award.Milestone).FirstOrDefault(a => a.Open && a.Id != award.Id) is { } open)
        {
            return new Refusal.Conflict($"Milestone {award.Milestone} has another open award: {open.Id}.");
        }

        var milestone = MilestoneOf(award, grantedUnder);
        if (milestone.Rule.ValidFor is not { } validFor)
        {
            return new Refusal.Conflict($"Award {award.Id} has no end, so there is nothing to renew.");
        }

        if (AwardRules.Check(transcript, grantedUnder, milestone, actor, out var eligible) is { } unmet)
        {
            return unmet;
        }

        return Validity.TryEnd(effectiveAt, validFor, out var expiresAt) && expiresAt > now
            ? new DecidedEvent(new AwardRenewed(award.Id, act.Reason, effectiveAt, expiresAt, eligible!.Basis, act.Note), effectiveAt)
            : new Refusal.Invalid("effectiveAt", $"Renewed from {LedgerJson.Text(effectiveAt)} for {validFor} the award would be over by now.");
    }

    /// <summary>
    /// The expiry of every standing award of the learner's own stream whose time is over by <paramref name="now"/>, each effective at its <c>expiresAt</c>.
    /// </summary>
    public static IReadOnlyList<DecidedEvent> Expire(Transcript transcript, DateTimeOffset now) =>
    [
        .. from award in transcript.Awards
           let end = award.ExpiresAt ?? DateTimeOffset.MaxValue
           where award.Stands && end <= now && award.Grants[0].At.Stream == transcript.Learner
           select new DecidedEvent(new AwardExpired(award.Id, end), end),
    ];

    private static Refusal.Conflict Conflict(Award award, string wanted) =>
        new($"Award {award.Id} is {award.Status.ToString().ToLowerInvariant()} and cannot be {wanted}.");

    private static Milestone MilestoneOf(Award award, FrameworkDefinition grantedUnder) =>
        grantedUnder.Code == award.Framework && grantedUnder.Version == award.FrameworkVersion
            ? grantedUnder.Milestones.FirstOrDefault(m => m.Code == award.Milestone)
              ?? throw new ArgumentException($"Version {grantedUnder.Version} of {grantedUnder.Code} has no milestone {award.Milestone}.", nameof(grantedUnder))
            : throw new ArgumentException($"The award was granted under version {award.FrameworkVersion} of {award.Framework}.", nameof(grantedUnder));
}
