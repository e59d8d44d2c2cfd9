using System.Text.Json;
using LearningLedger.Attempts;
using LearningLedger.Awards;
using LearningLedger.Evidence;

namespace LearningLedger.Transcripts;

/// <summary>A transcript as it is handed out: codes and the ids of the events each line rests on; no titles and nothing of when or how it was asked.</summary>
/// <remarks>The same events give the same bytes for ever, on every machine and in the offline verifier.</remarks>
/// <param name="Learner">The learner.</param>
/// <param name="Position">The last event included.</param>
/// <param name="Milestones">Every award, ended ones too, in the order they were granted.</param>
/// <param name="Skills">Every skill tried or handed in evidence for, by code in ordinal order.</param>
/// <param name="ErasedSince">When the learner was erased, UTC: there are no lines, which says nothing of what there was; null: not erased.</param>
/// <param name="Linked">Learners who are the same person and whose events are among these, in the order of their ids; null: none.</param>
/// <param name="LinkedInto">The learner whose transcript has these events too; null: not linked.</param>
public sealed record TranscriptDocument(
    Guid Learner, LedgerPosition Position, IReadOnlyList<MilestoneLine> Milestones, IReadOnlyList<SkillLine> Skills, DateTimeOffset? ErasedSince = null,
    IReadOnlyList<Guid>? Linked = null, Guid? LinkedInto = null)
{
    /// <summary>The document of a transcript.</summary>
    public static TranscriptDocument Of(Transcript transcript)
    {
        var evidence = transcript.Evidence.Values.OrderBy(item => item.Submitted.Place).ToList();
        var skills = evidence.SelectMany(item => item.Skills).Concat(transcript.Attempts.Keys).Distinct().Order(StringComparer.Ordinal);
        var places = transcript.Awards.IsEmpty ? [] : Places(transcript);
        return new TranscriptDocument(
            transcript.Learner,
            transcript.Position,
            [.. transcript.Awards.Select(award => Line(award, places))],
            [.. skills.Select(skill => Line(transcript, skill, evidence))],
            Linked: transcript.Linked.IsEmpty ? null : [.. transcript.Linked],
            LinkedInto: transcript.LinkedInto);
    }

    /// <summary>The document in the ledger's JSON dialect, UTF-8.</summary>
    public byte[] Utf8() => JsonSerializer.SerializeToUtf8Bytes(this, LedgerJson.Options);

    private static MilestoneLine Line(Award award, Dictionary<Guid, EventStamp> places) => new(
        award.Milestone, award.Framework, award.FrameworkVersion, award.RuleHash, award.Status, award.Flagged, award.Id, award.EffectiveAt,
        award.ExpiresAt, award.DecidedBy,
        [.. award.Basis.Select(id => places.GetValueOrDefault(id) is { } at ? new BasisLine(id, at.Sequence, at.Version) : new BasisLine(id, null, null))],
        [.. award.History.Select(Line)]);

    private static HistoryLine Line(AwardStep step) => new(
        step.Event, step.At.EventId, step.At.Sequence, step.At.Version, step.At.Occurred, step.At.Recorded, step.At.Actor, step.Reason,
        step.EffectiveAt, step.ExpiresAt);

    private static SkillLine Line(Transcript transcript, string skill, List<EvidenceItem> evidence)
    {
        var attempts = transcript.AttemptsAt(skill);
        return new SkillLine(
            skill, Plain(attempts.Best), Plain(attempts.Latest), attempts.All.Count, attempts.Voided,
            [.. evidence.Where(item => item.Skills.Contains(skill)).Select(Line)],
            [.. attempts.All.Select(attempt => Line(attempt, transcript.Voidings.GetValueOrDefault(attempt.At.EventId)))]);
    }

    private static AttemptLine Line(Attempt attempt, Voiding? voiding) => new(
        attempt.At.EventId, attempt.At.Sequence, attempt.At.Version, PlainNumber.Of(attempt.Score), attempt.At.Occurred, attempt.At.Recorded,
        attempt.At.Actor, attempt.At.Source, voiding is null ? null : Line(voiding.At, voiding.Reason));

    private static EvidenceLine Line(EvidenceItem item) => new(
        item.Id, item.Submitted.EventId, item.Submitted.Sequence, item.Submitted.Version, item.Status, item.MediaType, item.Size, item.Sha256,
        item.Milestone, [.. item.Reviews.Select((review, i) => Line(review, item.ReplacementOf(i)))],
        item.Withdrawn is { } withdrawal ? Line(withdrawal.At, withdrawal.Reason) : null);

    private static ReviewLine Line(Review review, Review? replacement) => new(
        review.At.EventId, review.At.Sequence, review.At.Version, review.At.Actor, review.Decision, review.Rubric, review.At.Occurred,
        replacement?.At.EventId);

    private static CorrectionLine Line(EventStamp at, string reason) => new(
        at.EventId, at.Sequence, at.Version, at.Occurred, at.Recorded, at.Actor, reason);

    private static decimal? Plain(Attempt? attempt) => attempt is null ? null : PlainNumber.Of(attempt.Score);

    /// <summary>Where the events lie that an award may rest on.</summary>
    private static Dictionary<Guid, EventStamp> Places(Transcript transcript) =>
        transcript.Attempts.Values.SelectMany(attempts => attempts).Select(attempt => attempt.At)
            .Concat(transcript.Evidence.Values.SelectMany(item => item.Reviews.Select(review => review.At).Prepend(item.Submitted)))
            .Concat(transcript.Awards.SelectMany(award => award.Grants).Select(grant => grant.At))
            .DistinctBy(at => at.EventId)
            .ToDictionary(at => at.EventId);
}
