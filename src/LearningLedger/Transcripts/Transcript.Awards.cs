using LearningLedger.Awards;
using LearningLedger.Events;

namespace LearningLedger.Transcripts;

/// <summary>How award events change the transcript, and how doubt spreads from a broken event to the awards that rest on it.</summary>
public sealed partial record Transcript
{
    private Transcript Granted(EventStamp at, string type, MilestoneAwarded body)
    {
        if (FindAward(body.Award) is not null)
        {
            return Stray(at, type, StrayReason.Repeated);
        }

        var award = new Award(body.Award, body.Framework, body.FrameworkVersion, body.Milestone, body.RuleHash)
        {
            Grants = [new Grant(at, body.EffectiveAt)],
            Basis = [.. body.Basis],
            ExpiresAt = body.ExpiresAt,
            ChangedAt = body.EffectiveAt,
            History = [new AwardStep(type, at, EffectiveAt: body.EffectiveAt, ExpiresAt: body.ExpiresAt)],
        };
        return this with { Awards = Awards.Add(AwardFold.Doubting(award, body.Basis, Breakage.In(this))) };
    }

    private Transcript Changed(EventStamp at, string type, IAwardEvent body)
    {
        var index = Awards.FindIndex(a => a.Id == body.Award);
        if (index < 0)
        {
            return Stray(at, type, StrayReason.Unknown);
        }

        var before = Awards[index];
        if (AwardFold.Step(before, at, type, body) is not { } after)
        {
            return Stray(at, type, AwardFold.Knows(body) ? StrayReason.OutOfPlace : StrayReason.Unhandled);
        }

        if (body is AwardRenewed renewal)
        {
            after = AwardFold.Doubting(after, renewal.Basis.Except(before.Basis), Breakage.In(this));
        }

        var next = this with { Awards = Awards.SetItem(index, after) };
        return after.EndedBy is { } end && end != before.EndedBy ? next.Doubting(Breakage.Of(after, end), origin: index) : next;
    }

    /// <summary>The events of the other learner are no longer folded; what was awarded on them is for a person to look at.</summary>
    private Transcript Parted(EventStamp at, LearnerUnlinked body)
    {
        var known = Attempts.Values.SelectMany(a => a).Select(a => a.At)
            .Concat(Evidence.Values.SelectMany(item => item.Reviews.Select(review => review.At).Prepend(item.Submitted)))
            .Concat(Awards.SelectMany(a => a.Grants).Select(g => g.At))
            .Select(stamp => stamp.EventId).ToHashSet();
        var lost = Awards.SelectMany(a => a.Basis).Where(id => !known.Contains(id)).Distinct();
        return (this with { Linked = Linked.Remove(body.Other) }).Doubting(new Breakage(at.EventId, Breakage.LearnerUnlinked, [.. lost]));
    }

    private Transcript Doubting(Breakage breakage, int origin = -1)
    {
        var awards = Awards;
        for (var i = 0; i < awards.Count; i++)
        {
            if (i != origin)
            {
                awards = awards.SetItem(i, AwardFold.Doubting(awards[i], awards[i].Basis, [breakage]));
            }
        }

        return this with { Awards = awards };
    }
}
