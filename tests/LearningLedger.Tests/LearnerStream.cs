using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests;

/// <summary>A learner's stream in the making. Event ids follow from versions, as those of decisions do; sequences have gaps.</summary>
internal sealed class LearnerStream
{
    private readonly List<RecordedEvent> events = [];

    private readonly Guid learner;

    public LearnerStream(Guid? learner = null)
    {
        this.learner = learner ?? Learner;
        Append(new LearnerRegistered(this.learner), Day(1), PlatformKey, Platform);
    }

    public IReadOnlyList<RecordedEvent> Events => events;

    public Transcript Transcript => Transcript.Fold(learner, events);

    /// <summary>Id of the event appended last.</summary>
    public Guid Last => events[^1].EventId;

    public Award Award(string milestone) => Transcript.Awards.Last(a => a.Milestone == milestone);

    /// <summary>Id of the event at a version.</summary>
    public Guid Id(int version) => events[version - 1].EventId;

    public LearnerStream Append(ILedgerEvent data, DateTimeOffset occurred, string actor, string? source = null)
    {
        var version = events.Count + 1;
        events.Add(new RecordedEvent(
            LedgerIds.Decision(Tenant, learner, version), EventCatalog.Of(data.GetType()).Name, learner, version, 100 + (3 * version), occurred,
            Day(400).AddMinutes(version), actor, source, data));
        return this;
    }

    public LearnerStream Attempted(string skill, decimal score, int day) => Append(new SkillAttempted(skill, score), Day(day), PlatformKey, Platform);

    public LearnerStream Voided(Guid attempt, int day = 50) => Append(new AttemptVoided(attempt, "cheating"), Day(day), Board);

    public LearnerStream Submitted(int evidence, int day, string[] skills, string? milestone = null) => Append(
        new EvidenceSubmitted(EvidenceId(evidence), skills, "application/pdf", 1024, new string('a', 64), new Sealed("AA=="), milestone),
        Day(day), PlatformKey, Platform);

    public LearnerStream Reviewed(int evidence, Verdict verdict, string actor, int day) =>
        Append(new EvidenceReviewed(EvidenceId(evidence), verdict), Day(day), actor);

    public LearnerStream Withdrawn(int evidence, int day = 50) =>
        Append(new EvidenceWithdrawn(EvidenceId(evidence), "wrong-file"), Day(day), PlatformKey, Platform);

    public LearnerStream Decided(Decision decision, string actor)
    {
        Assert.Null(decision.Refusal);
        return Appended(decision.Events, actor);
    }

    public LearnerStream Awarded(Milestone milestone, string actor, int day) =>
        Decided(AwardRules.Award(Tenant, Transcript, Engineer, milestone, actor, Day(day)), actor);

    public LearnerStream PolicyAwards(params FrameworkDefinition[] inForce) =>
        Appended(AutomaticAwards.Decide(Tenant, Transcript, inForce is [] ? [Engineer] : inForce), AutomaticAwards.Actor);

    public LearnerStream Expired(DateTimeOffset now) => Appended(AwardLifecycle.Expire(Transcript, now), AwardLifecycle.ExpiryActor);

    public LearnerStream Suspended(string milestone, int day = 60) => Decided(AwardLifecycle.Suspend(Transcript, Act(milestone), Day(day)), Board);

    public LearnerStream Reinstated(string milestone, int day = 61) => Decided(AwardLifecycle.Reinstate(Transcript, Act(milestone), Day(day)), Board);

    public LearnerStream Revoked(string milestone, int day = 62) => Decided(AwardLifecycle.Revoke(Transcript, Act(milestone), Day(day)), Board);

    public LearnerStream Affirmed(string milestone, int day = 63) => Decided(AwardLifecycle.Affirm(Transcript, Act(milestone), Day(day)), Board);

    public LearnerStream Flagged(string milestone, string reason = "complaint", int day = 59) =>
        Append(new AwardFlagged(Award(milestone).Id, reason, []), Day(day), Board);

    /// <summary>What a person wants done to the latest award of a milestone.</summary>
    public AwardAct Act(string milestone, DateTimeOffset? effectiveAt = null) => new(Award(milestone).Id, "board-decision", null, effectiveAt);

    /// <summary>The events, one a line: how a property shows its counterexample.</summary>
    public override string ToString() => string.Join('\n', events.Select(e => $"{e.Version} {e.Type} by {e.Actor} at {e.Occurred:d}: {e.Data}"));

    private LearnerStream Appended(IReadOnlyList<DecidedEvent> decided, string actor)
    {
        foreach (var one in decided)
        {
            Append(one.Data, one.Occurred, actor);
        }

        return this;
    }
}
