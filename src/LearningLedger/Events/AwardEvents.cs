namespace LearningLedger.Events;

/// <summary>An event about one award, in the learner's stream.</summary>
public interface IAwardEvent : ILedgerEvent
{
    /// <summary>UUIDv5 of <c>["award",tenant,learner,framework,milestone,n]</c>, n = 1, 2, ... per learner, framework and milestone.</summary>
    Guid Award { get; }
}

/// <summary>A milestone was granted under one rule version.</summary>
/// <param name="Award">The award.</param>
/// <param name="Framework">Code of the framework.</param>
/// <param name="FrameworkVersion">Its version, 1 or more.</param>
/// <param name="Milestone">Code of the milestone.</param>
/// <param name="RuleHash">SHA-256 of the RFC 8785 form of the milestone's code, skills and rule; 64 lower-case hex digits.</param>
/// <param name="Basis">Event ids it rests on: counting attempts, accepted evidence with its verdicts, awards of required milestones; in stream order.</param>
/// <param name="EffectiveAt">When it takes effect, UTC.</param>
/// <param name="ExpiresAt">When it ends unless renewed, UTC; null: never.</param>
public sealed record MilestoneAwarded(
    Guid Award, string Framework, int FrameworkVersion, string Milestone, string RuleHash, IReadOnlyList<Guid> Basis, DateTimeOffset EffectiveAt,
    DateTimeOffset? ExpiresAt = null) : IAwardEvent;

/// <summary>Doubt from outside the stream; an award is also flagged by the fold itself when its basis breaks.</summary>
/// <param name="Award">The award.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Causes">Event ids that gave rise to it; may be empty.</param>
public sealed record AwardFlagged(Guid Award, string Reason, IReadOnlyList<Guid> Causes) : IAwardEvent;

/// <summary>A person looked at the doubt and let the award stand: the flag ends.</summary>
/// <param name="Award">The award.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Note">What the person wrote, sealed.</param>
public sealed record AwardAffirmed(Guid Award, string Reason, Sealed? Note = null) : IAwardEvent;

/// <summary>The award does not stand for the time being.</summary>
/// <param name="Award">The award.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="EffectiveAt">From when, UTC.</param>
/// <param name="Note">What the person wrote, sealed.</param>
public sealed record AwardSuspended(Guid Award, string Reason, DateTimeOffset EffectiveAt, Sealed? Note = null) : IAwardEvent;

/// <summary>A suspended award stands again.</summary>
/// <param name="Award">The award.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="EffectiveAt">From when, UTC.</param>
/// <param name="Note">What the person wrote, sealed.</param>
public sealed record AwardReinstated(Guid Award, string Reason, DateTimeOffset EffectiveAt, Sealed? Note = null) : IAwardEvent;

/// <summary>The award was withdrawn for good.</summary>
/// <param name="Award">The award.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="EffectiveAt">From when, UTC.</param>
/// <param name="Note">What the person wrote, sealed.</param>
public sealed record AwardRevoked(Guid Award, string Reason, DateTimeOffset EffectiveAt, Sealed? Note = null) : IAwardEvent;

/// <summary>The award's time ran out.</summary>
/// <param name="Award">The award.</param>
/// <param name="EffectiveAt">The award's <c>expiresAt</c>, UTC.</param>
public sealed record AwardExpired(Guid Award, DateTimeOffset EffectiveAt) : IAwardEvent;

/// <summary>The award was confirmed anew: it stands from <paramref name="EffectiveAt"/> until the new <paramref name="ExpiresAt"/>.</summary>
/// <param name="Award">The award, standing or expired.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="EffectiveAt">From when, UTC.</param>
/// <param name="ExpiresAt">When it ends unless renewed again, UTC; null: never.</param>
/// <param name="Basis">Event ids the renewal rests on.</param>
/// <param name="Note">What the person wrote, sealed.</param>
public sealed record AwardRenewed(
    Guid Award, string Reason, DateTimeOffset EffectiveAt, DateTimeOffset? ExpiresAt, IReadOnlyList<Guid> Basis, Sealed? Note = null) : IAwardEvent;
