using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>How one award changes by its events. Says what an event does, not whether it should have been decided; that is <see cref="AwardLifecycle"/>.</summary>
internal static class AwardFold
{
    /// <summary>The award after the event; null where its status gives the event no meaning.</summary>
    public static Award? Step(Award award, EventStamp at, string type, IAwardEvent body) => body switch
    {
        AwardFlagged e when award.Status != AwardStatus.Revoked =>
            Told(award, new AwardStep(type, at, e.Reason)) with { Doubts = award.Doubts.Add(new Doubt(at.EventId, e.Reason)) },
        AwardAffirmed e when award.Open =>
            Told(award, new AwardStep(type, at, e.Reason)) with { Doubts = [] },
        AwardSuspended e when award.Status == AwardStatus.Awarded =>
            Told(award, new AwardStep(type, at, e.Reason, e.EffectiveAt)) with { Status = AwardStatus.Suspended, EndedBy = at.EventId, Doubts = [] },
        AwardReinstated e when award.Status == AwardStatus.Suspended =>
            Told(award, new AwardStep(type, at, e.Reason, e.EffectiveAt)) with { Status = AwardStatus.Awarded, EndedBy = null },
        AwardRevoked e when award.Status != AwardStatus.Revoked =>
            Told(award, new AwardStep(type, at, e.Reason, e.EffectiveAt)) with { Status = AwardStatus.Revoked, EndedBy = at.EventId, Doubts = [] },
        AwardExpired e when award.Open =>
            Told(award, new AwardStep(type, at, null, e.EffectiveAt)) with { Status = AwardStatus.Expired, EndedBy = at.EventId },
        AwardRenewed e when award.Status is AwardStatus.Awarded or AwardStatus.Expired =>
            Told(award, new AwardStep(type, at, e.Reason, e.EffectiveAt, e.ExpiresAt)) with
            {
                Status = AwardStatus.Awarded,
                EndedBy = null,
                ExpiresAt = e.ExpiresAt,
                Grants = award.Grants.Add(new Grant(at, e.EffectiveAt)),
                Basis = [.. award.Basis.Union(e.Basis)],
            },
        _ => null,
    };

    /// <summary>Whether <see cref="Step"/> has a rule for this kind of event at all.</summary>
    public static bool Knows(IAwardEvent body) =>
        body is AwardFlagged or AwardAffirmed or AwardSuspended or AwardReinstated or AwardRevoked or AwardExpired or AwardRenewed;

    /// <summary>
    /// The award with a doubt for each breakage that hits <paramref name="basis"/>; the same object if none does. A revoked award is beyond doubt.
    /// </summary>
    /// <remarks>
    /// Only the moment of breaking raises a doubt. So an affirm settles what was broken before it for good, and whatever breaks afterwards flags anew.
    /// </remarks>
    public static Award Doubting(Award award, IEnumerable<Guid> basis, IEnumerable<Breakage> breakages)
    {
        if (award.Status == AwardStatus.Revoked)
        {
            return award;
        }

        var doubts = award.Doubts;
        HashSet<Guid>? restsOn = null;
        foreach (var breakage in breakages)
        {
            restsOn ??= [.. basis];
            foreach (var broken in breakage.Broken)
            {
                if (restsOn.Contains(broken))
                {
                    doubts = doubts.Add(new Doubt(breakage.Cause, breakage.Reason, broken));
                }
            }
        }

        return doubts == award.Doubts ? award : award with { Doubts = doubts };
    }

    private static Award Told(Award award, AwardStep step) => award with
    {
        History = award.History.Add(step),
        ChangedAt = step.EffectiveAt > award.ChangedAt ? step.EffectiveAt.Value : award.ChangedAt,
    };
}
