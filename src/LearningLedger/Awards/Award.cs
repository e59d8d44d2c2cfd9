using System.Collections.Immutable;
using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>Where an award stands.</summary>
public enum AwardStatus
{
    /// <summary>It stands.</summary>
    Awarded,

    /// <summary>It does not stand for the time being.</summary>
    Suspended,

    /// <summary>It was withdrawn for good.</summary>
    Revoked,

    /// <summary>Its time ran out; a renewal makes it stand again.</summary>
    Expired,
}

/// <summary>A milestone granted under one rule version, with all that became of it.</summary>
/// <param name="Id">The award.</param>
/// <param name="Framework">Code of the framework.</param>
/// <param name="FrameworkVersion">The version that granted it.</param>
/// <param name="Milestone">Code of the milestone.</param>
/// <param name="RuleHash">SHA-256 of the rule, 64 lower-case hex digits.</param>
public sealed record Award(Guid Id, string Framework, int FrameworkVersion, string Milestone, string RuleHash)
{
    /// <summary>The event that granted it, then every renewal; never empty.</summary>
    public required ImmutableList<Grant> Grants { get; init; }

    /// <summary>Ids of the events it rests on: those of the grant and, added to them, those of every renewal.</summary>
    /// <remarks>
    /// The earlier basis stays: the award stood on it until the renewal, so whoever voids a part of it later gives a person reason to look.
    /// </remarks>
    public required ImmutableArray<Guid> Basis { get; init; }

    /// <summary>Where it stands.</summary>
    public AwardStatus Status { get; init; }

    /// <summary>The event by which it no longer stands; null while it stands.</summary>
    public Guid? EndedBy { get; init; }

    /// <summary>When it ends unless renewed, UTC; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The latest time at which any change of status took effect; no later change may take effect before it.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>What happened to it, in stream order; the grant comes first.</summary>
    public ImmutableList<AwardStep> History { get; init; } = [];

    /// <summary>Why it is flagged: doubts no person has settled yet.</summary>
    public ImmutableList<Doubt> Doubts { get; init; } = [];

    /// <summary>When it took effect, UTC.</summary>
    public DateTimeOffset EffectiveAt => Grants[0].EffectiveAt;

    /// <summary>Who granted it.</summary>
    public string DecidedBy => Grants[0].At.Actor;

    /// <summary>Whether a doubt is unsettled. A flagged award stands all the same until a person ends it.</summary>
    public bool Flagged => !Doubts.IsEmpty;

    /// <summary>Whether other awards may build on it.</summary>
    public bool Stands => Status == AwardStatus.Awarded;

    /// <summary>Standing or suspended. A learner has at most one such award of a milestone.</summary>
    public bool Open => Status is AwardStatus.Awarded or AwardStatus.Suspended;
}

/// <summary>A grant or renewal.</summary>
/// <param name="At">The event.</param>
/// <param name="EffectiveAt">From when, UTC.</param>
public sealed record Grant(EventStamp At, DateTimeOffset EffectiveAt);

/// <summary>One step of an award's history.</summary>
/// <param name="Event">Stored name of the event, see <see cref="EventCatalog"/>.</param>
/// <param name="At">The event.</param>
/// <param name="Reason">Reason code, where the event has one.</param>
/// <param name="EffectiveAt">From when, UTC, where the event says so.</param>
/// <param name="ExpiresAt">The end this step set, where it set one.</param>
public sealed record AwardStep(string Event, EventStamp At, string? Reason = null, DateTimeOffset? EffectiveAt = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A doubt about an award.</summary>
/// <param name="Cause">The event that gave rise to it.</param>
/// <param name="Reason">Reason code: one of <see cref="Breakage"/>'s, or that of an <see cref="AwardFlagged"/>.</param>
/// <param name="Broken">The event of the basis that no longer holds; null for a doubt from outside.</param>
public sealed record Doubt(Guid Cause, string Reason, Guid? Broken = null);
