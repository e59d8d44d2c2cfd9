using System.Collections.Immutable;
using LearningLedger.Attempts;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Evidence;

namespace LearningLedger.Transcripts;

/// <summary>What a prefix of a learner's stream says: the pure fold of its events, and of nothing else.</summary>
/// <remarks>
/// Total: no event of any kind, in any order, makes it fail. What fits nothing is kept in <see cref="Strays"/>. A transcript never changes;
/// <see cref="Evolve"/> gives a new one that shares what stayed the same. It looks at no clock: an award expires by its event alone.
/// </remarks>
public sealed partial record Transcript
{
    private Transcript(Guid learner) => Learner = learner;

    /// <summary>The learner.</summary>
    public Guid Learner { get; }

    /// <summary>The last event folded.</summary>
    public LedgerPosition Position { get; private init; } = LedgerPosition.Start;

    /// <summary>Attempts by code of the skill, each list in stream order, voided ones too.</summary>
    public ImmutableDictionary<string, ImmutableList<Attempt>> Attempts { get; private init; } = ImmutableDictionary.Create<string, ImmutableList<Attempt>>();

    /// <summary>What was voided, by event id of the attempt.</summary>
    /// <remarks>Kept apart from the attempts, so that a voiding finds its attempt in whichever order the two are folded.</remarks>
    public ImmutableDictionary<Guid, Voiding> Voidings { get; private init; } = ImmutableDictionary.Create<Guid, Voiding>();

    /// <summary>Evidence by its UUID.</summary>
    public ImmutableDictionary<Guid, EvidenceItem> Evidence { get; private init; } = ImmutableDictionary.Create<Guid, EvidenceItem>();

    /// <summary>Withdrawals of evidence that is not in the stream yet. Facts are recorded as they come, so one may overtake its submission.</summary>
    public ImmutableDictionary<Guid, Withdrawal> EarlyWithdrawals { get; private init; } = ImmutableDictionary.Create<Guid, Withdrawal>();

    /// <summary>Awards in the order they were granted.</summary>
    public ImmutableList<Award> Awards { get; private init; } = [];

    /// <summary>Events that changed nothing, in stream order.</summary>
    public ImmutableList<StrayEvent> Strays { get; private init; } = [];

    /// <summary>Whether the learner was erased: nothing is known but how far the stream goes.</summary>
    public bool IsErased { get; private init; }

    /// <summary>Learners who are the same person and whose streams are folded with this one, in the order of their ids.</summary>
    public ImmutableSortedSet<Guid> Linked { get; private init; } = [];

    /// <summary>The learner who leads, while this one is linked to another; else null.</summary>
    public Guid? LinkedInto { get; private init; }

    /// <summary>How many events were folded.</summary>
    internal int Folded { get; private init; }

    /// <summary>The transcript of a stream without events.</summary>
    public static Transcript Empty(Guid learner) => new(learner);

    /// <summary>The transcript of <paramref name="events"/>.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="events">A prefix of the stream, in order of version.</param>
    /// <param name="occurredBy">Leaves out events that occurred later; null takes all. Never decide on a transcript with events left out.</param>
    public static Transcript Fold(Guid learner, IEnumerable<RecordedEvent> events, DateTimeOffset? occurredBy = null)
    {
        var transcript = Empty(learner);
        foreach (var recorded in events)
        {
            if (occurredBy is null || recorded.Occurred <= occurredBy)
            {
                transcript = transcript.Evolve(recorded);
            }
        }

        return transcript;
    }

    /// <summary>The transcript after one more event.</summary>
    public Transcript Evolve(RecordedEvent recorded)
    {
        var at = EventStamp.Of(recorded) with { Place = Folded + 1 };
        var isForeign = recorded.Stream != Learner;
        var next = recorded.Data switch
        {
            // What a linked learner's stream says of that learner as such is not said of this one.
            LearnerRegistered or LearnerErased or LearnerLinked or LearnerUnlinked when isForeign => this,
            LearnerErased => new Transcript(Learner) { IsErased = true },

            // The registration names the learner; a masked one does not, and then all that follows is masked too.
            LearnerRegistered body => IsErased || body.Learner == Learner ? this : new Transcript(Learner) { IsErased = true },
            _ when IsErased => this,
            StatementStored => this,
            LearnerLinked body => body.Leads ? this with { Linked = Linked.Add(body.Other) } : this with { LinkedInto = body.Other },
            LearnerUnlinked body => body.Leads ? Parted(at, body) : this with { LinkedInto = null },
            SkillAttempted body => Attempted(at, body),
            AttemptVoided body => Voided(at, recorded.Type, body),
            EvidenceSubmitted body => Submitted(at, recorded.Type, body),
            EvidenceReviewed body => Reviewed(at, recorded.Type, body),
            EvidenceWithdrawn body => Withdrawn(at, recorded.Type, body),
            MilestoneAwarded body => Granted(at, recorded.Type, body),
            IAwardEvent body => Changed(at, recorded.Type, body),
            _ => Stray(at, recorded.Type, StrayReason.Unhandled),
        };
        return next with
        {
            Position = new LedgerPosition(recorded.Sequence, isForeign ? Position.Version : recorded.Version, recorded.Recorded),
            Folded = Folded + 1,
        };
    }

    /// <summary>The learner's attempts at a skill; empty for a skill never tried.</summary>
    public SkillAttempts AttemptsAt(string skill) => new(Attempts.GetValueOrDefault(skill, []), Voidings);

    /// <summary>The awards of a milestone under any version of the framework, in the order they were granted.</summary>
    public IEnumerable<Award> AwardsOf(string framework, string milestone) =>
        Awards.Where(a => a.Milestone == milestone && a.Framework == framework);

    /// <summary>The award, or null.</summary>
    public Award? FindAward(Guid award) => Awards.Find(a => a.Id == award);

    private Transcript Attempted(EventStamp at, SkillAttempted body) => this with
    {
        Attempts = Attempts.SetItem(body.Skill, Attempts.GetValueOrDefault(body.Skill, []).Add(new Attempt(at, body.Skill, body.Score))),
    };

    private Transcript Voided(EventStamp at, string type, AttemptVoided body) =>
        Voidings.ContainsKey(body.Attempt)
            ? Stray(at, type, StrayReason.Repeated)
            : (this with { Voidings = Voidings.Add(body.Attempt, new Voiding(at, body.Reason)) }).Doubting(Breakage.Of(body.Attempt, at.EventId));

    private Transcript Submitted(EventStamp at, string type, EvidenceSubmitted body)
    {
        if (Evidence.ContainsKey(body.Evidence))
        {
            return Stray(at, type, StrayReason.Repeated);
        }

        var item = new EvidenceItem(body.Evidence, at, body.Skills, body.Milestone, body.MediaType, body.Size, body.Sha256)
        {
            Withdrawn = EarlyWithdrawals.GetValueOrDefault(body.Evidence),
        };
        return this with { Evidence = Evidence.Add(body.Evidence, item), EarlyWithdrawals = EarlyWithdrawals.Remove(body.Evidence) };
    }

    private Transcript Reviewed(EventStamp at, string type, EvidenceReviewed body)
    {
        if (!Evidence.TryGetValue(body.Evidence, out var item))
        {
            return Stray(at, type, StrayReason.Unknown);
        }

        var review = new Review(at, body.Decision, body.Rubric);
        var reviewed = this with { Evidence = Evidence.SetItem(body.Evidence, item with { Reviews = item.Reviews.Add(review) }) };

        // An assessor who rejects what they rejected before says nothing new; awards affirmed since stay affirmed.
        var isNews = body.Decision == Verdict.Rejected && item.VerdictOf(at.Actor)?.Decision != Verdict.Rejected;
        return isNews ? reviewed.Doubting(Breakage.Of(item, review)) : reviewed;
    }

    private Transcript Withdrawn(EventStamp at, string type, EvidenceWithdrawn body)
    {
        var withdrawal = new Withdrawal(at, body.Reason);
        if (!Evidence.TryGetValue(body.Evidence, out var item))
        {
            return EarlyWithdrawals.ContainsKey(body.Evidence)
                ? Stray(at, type, StrayReason.Repeated)
                : this with { EarlyWithdrawals = EarlyWithdrawals.Add(body.Evidence, withdrawal) };
        }

        return item.Withdrawn is not null
            ? Stray(at, type, StrayReason.Repeated)
            : (this with { Evidence = Evidence.SetItem(body.Evidence, item with { Withdrawn = withdrawal }) }).Doubting(Breakage.Of(item, withdrawal));
    }

    private Transcript Stray(EventStamp at, string type, StrayReason why) => this with { Strays = Strays.Add(new StrayEvent(at, type, why)) };
}
