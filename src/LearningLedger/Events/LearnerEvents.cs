namespace LearningLedger.Events;

/// <summary>A learner's stream begins: always version 1.</summary>
/// <param name="Learner">The learner's random UUID, which is also the stream's id.</param>
public sealed record LearnerRegistered(Guid Learner) : ILedgerEvent;

/// <summary>One try at a skill.</summary>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Score">Scaled score, 0 to 1 inclusive; its value is that of its shortest IEEE 754 double form.</param>
/// <param name="Activity">IRI of the activity at the platform, or null.</param>
/// <param name="Duration">Time spent, an ISO 8601 duration as posted, or null.</param>
/// <param name="Registration">The platform's registration (one enrolment's sitting), or null.</param>
public sealed record SkillAttempted(string Skill, decimal Score, string? Activity = null, string? Duration = null, Guid? Registration = null)
    : ILedgerEvent;

/// <summary>An attempt no longer counts. It stays visible.</summary>
/// <param name="Attempt">Event id of the <see cref="SkillAttempted"/>.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Note">What the person who voided it wrote, sealed.</param>
public sealed record AttemptVoided(Guid Attempt, string Reason, Sealed? Note = null) : ILedgerEvent;

/// <summary>An artefact was handed in.</summary>
/// <param name="Evidence">The platform's UUID of this evidence; unique in the learner's stream.</param>
/// <param name="Skills">Codes of the skills it is evidence for; at least one.</param>
/// <param name="MediaType">RFC 6838 media type.</param>
/// <param name="Size">Bytes; zero or more.</param>
/// <param name="Sha256">SHA-256 of the artefact, 64 lower-case hex digits.</param>
/// <param name="Location">Where the artefact lies, sealed.</param>
/// <param name="Milestone">Milestone it counts for alone; null: every milestone that shares one of its skills.</param>
/// <param name="Title">Title given by a person, sealed.</param>
public sealed record EvidenceSubmitted(
    Guid Evidence, IReadOnlyList<string> Skills, string MediaType, long Size, string Sha256, Sealed Location, string? Milestone = null, Sealed? Title = null)
    : ILedgerEvent;

/// <summary>What an assessor found.</summary>
public enum Verdict
{
    /// <summary>The evidence shows the skill.</summary>
    Accepted,

    /// <summary>It does not.</summary>
    Rejected,
}

/// <summary>An assessor's verdict on evidence; a later one by the same actor replaces it.</summary>
/// <param name="Evidence">The evidence.</param>
/// <param name="Decision">The verdict.</param>
/// <param name="Rubric">Code or IRI of the rubric or rubric level applied, or null.</param>
/// <param name="Comment">What the assessor wrote, sealed.</param>
public sealed record EvidenceReviewed(Guid Evidence, Verdict Decision, string? Rubric = null, Sealed? Comment = null) : ILedgerEvent;

/// <summary>Evidence was taken back by the platform. It stays visible and no longer counts.</summary>
/// <param name="Evidence">The evidence.</param>
/// <param name="Reason">Reason code.</param>
public sealed record EvidenceWithdrawn(Guid Evidence, string Reason) : ILedgerEvent;

/// <summary>The learner was erased by right: the content of all earlier versions of the stream is gone. Always the last version.</summary>
/// <param name="Learner">The learner, of whom nothing but this random UUID is left.</param>
/// <param name="Ground">Code of the legal ground.</param>
/// <param name="Reference">Where the request is filed at whoever decided it; names no person; or null.</param>
public sealed record LearnerErased(Guid Learner, string Ground, string? Reference = null) : ILedgerEvent;

/// <summary>Two learners are one person: from here on the transcript of the one who leads folds both streams.</summary>
/// <remarks>Recorded in both streams at once. Platforms' identifiers of the other mean the one who leads as long as the link lasts.</remarks>
/// <param name="Other">The other learner.</param>
/// <param name="Leads">Whether this stream is that of the one who leads.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Note">What the person who decided it wrote, sealed.</param>
public sealed record LearnerLinked(Guid Other, bool Leads, string Reason, Sealed? Note = null) : ILedgerEvent;

/// <summary>The link ends: each stream stands for itself again, and identifiers mean whom they meant before. Recorded in both streams at once.</summary>
/// <param name="Other">The other learner.</param>
/// <param name="Leads">Whether this stream is that of the one who led.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Note">What the person who decided it wrote, sealed.</param>
public sealed record LearnerUnlinked(Guid Other, bool Leads, string Reason, Sealed? Note = null) : ILedgerEvent;
