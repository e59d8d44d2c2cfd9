using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Evidence;

namespace LearningLedger.Transcripts;

/// <summary>An award on the transcript.</summary>
/// <param name="Milestone">Code of the milestone.</param>
/// <param name="Framework">Code of the framework.</param>
/// <param name="FrameworkVersion">The version that granted it.</param>
/// <param name="RuleHash">SHA-256 of the rule, 64 lower-case hex digits.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Flagged">Whether a doubt is unsettled.</param>
/// <param name="Award">The award.</param>
/// <param name="AwardedAt">When it took effect, UTC.</param>
/// <param name="ExpiresAt">When it ends, UTC; null: never.</param>
/// <param name="DecidedBy">Actor who granted it.</param>
/// <param name="Basis">The events it rests on, in stream order.</param>
/// <param name="History">What happened to it, in stream order; the grant comes first.</param>
public sealed record MilestoneLine(
    string Milestone, string Framework, int FrameworkVersion, string RuleHash, AwardStatus Status, bool Flagged, Guid Award,
    DateTimeOffset AwardedAt, DateTimeOffset? ExpiresAt, string DecidedBy, IReadOnlyList<BasisLine> Basis, IReadOnlyList<HistoryLine> History);

/// <summary>An event an award rests on.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Its global order number; null if this transcript leaves the event out.</param>
/// <param name="Version">Its version; null if this transcript leaves the event out.</param>
public sealed record BasisLine(Guid EventId, long? Sequence, long? Version);

/// <summary>One step of an award's history.</summary>
/// <param name="Event">Stored name of the event.</param>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Occurred">The source's time, UTC.</param>
/// <param name="Recorded">The server's time, UTC.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Reason">Reason code, where the event has one.</param>
/// <param name="EffectiveAt">From when, UTC, where the event says so.</param>
/// <param name="ExpiresAt">The end this step set, UTC, where it set one.</param>
public sealed record HistoryLine(
    string Event, Guid EventId, long Sequence, long Version, DateTimeOffset Occurred, DateTimeOffset Recorded, string Actor, string? Reason,
    DateTimeOffset? EffectiveAt, DateTimeOffset? ExpiresAt);

/// <summary>A skill the learner tried or handed in evidence for.</summary>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Best">Highest score of the unvoided attempts, 0 to 1; null if there is none.</param>
/// <param name="Latest">Score of the last unvoided attempt by occurred, then sequence; null if there is none.</param>
/// <param name="Attempts">How many attempts there are, voided ones too.</param>
/// <param name="Voided">How many of them are voided.</param>
/// <param name="Evidence">Evidence that names the skill, in stream order.</param>
/// <param name="Events">The attempts, in stream order.</param>
public sealed record SkillLine(
    string Skill, decimal? Best, decimal? Latest, int Attempts, int Voided, IReadOnlyList<EvidenceLine> Evidence, IReadOnlyList<AttemptLine> Events);

/// <summary>One try.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Occurred">The platform's time, UTC.</param>
/// <param name="Recorded">The server's time, UTC.</param>
/// <param name="Actor">Who posted it.</param>
/// <param name="Source">URI of the platform.</param>
/// <param name="Voided">That it no longer counts, by whom and why; or null.</param>
public sealed record AttemptLine(
    Guid EventId, long Sequence, long Version, decimal Score, DateTimeOffset Occurred, DateTimeOffset Recorded, string Actor, string? Source,
    CorrectionLine? Voided);

/// <summary>A later event that took something out of account.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Occurred">The source's time, UTC.</param>
/// <param name="Recorded">The server's time, UTC.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Reason">Reason code.</param>
public sealed record CorrectionLine(
    Guid EventId, long Sequence, long Version, DateTimeOffset Occurred, DateTimeOffset Recorded, string Actor, string Reason);

/// <summary>An item of evidence.</summary>
/// <param name="Evidence">The platform's UUID.</param>
/// <param name="EventId">The event that handed it in.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="MediaType">RFC 6838 media type.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
/// <param name="Milestone">Milestone it counts for alone, or null.</param>
/// <param name="Reviews">Every review in stream order.</param>
/// <param name="Withdrawn">That it was taken back, or null.</param>
public sealed record EvidenceLine(
    Guid Evidence, Guid EventId, long Sequence, long Version, EvidenceStatus Status, string MediaType, long Size, string Sha256, string? Milestone,
    IReadOnlyList<ReviewLine> Reviews, CorrectionLine? Withdrawn);

/// <summary>A verdict.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Actor">The assessor.</param>
/// <param name="Decision">The verdict.</param>
/// <param name="Rubric">Code or IRI of the rubric, or null.</param>
/// <param name="Occurred">When the assessor judged, UTC.</param>
/// <param name="ReplacedBy">The same assessor's next review; null if this verdict stands.</param>
public sealed record ReviewLine(
    Guid EventId, long Sequence, long Version, string Actor, Verdict Decision, string? Rubric, DateTimeOffset Occurred, Guid? ReplacedBy);
