using System.Text.RegularExpressions;
using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Evidence;

/// <summary>Decisions on evidence.</summary>
public static partial class EvidenceRules
{
    /// <summary>Records an assessor's verdict; it replaces what the same actor found before.</summary>
    /// <remarks>The same verdict again is a new event: an assessor may look twice. It may have occurred before the submission reached us.</remarks>
    /// <param name="transcript">The learner's current transcript.</param>
    /// <param name="evidence">The evidence.</param>
    /// <param name="verdict">The verdict.</param>
    /// <param name="rubric">Code (up to 63 of <c>A-Za-z0-9._-</c>) or absolute IRI (up to 2,048 characters, no white space) of the rubric, or null.</param>
    /// <param name="comment">What the assessor wrote, sealed.</param>
    /// <param name="occurredAt">When the assessor judged; null: now. Not in the future.</param>
    /// <param name="now">The server's time.</param>
    public static Decision Review(
        Transcript transcript, Guid evidence, Verdict verdict, string? rubric, Sealed? comment, DateTimeOffset? occurredAt, DateTimeOffset now)
    {
        if (!transcript.Evidence.TryGetValue(evidence, out var item))
        {
            return new Refusal.NotFound($"The learner has no evidence {evidence}.");
        }

        if (rubric is not null && !IsRubric(rubric))
        {
            return new Refusal.Invalid("rubric", "A rubric is a code or an absolute IRI; words belong into the comment.");
        }

        if (occurredAt > now)
        {
            return new Refusal.Invalid("occurredAt", "A review cannot have occurred in the future.");
        }

        return item.Withdrawn is not null
            ? new Refusal.Conflict($"Evidence {evidence} was withdrawn.")
            : new DecidedEvent(new EvidenceReviewed(evidence, verdict, rubric, comment), LedgerJson.Microseconds(occurredAt ?? now));
    }

    // No Uri.TryCreate: what it takes for absolute depends on the operating system, and a rule must not.
    private static bool IsRubric(string rubric) => rubric.Length <= 2048 && CodeOrIri().IsMatch(rubric);

    [GeneratedRegex(@"\A(?:[A-Za-z0-9._-]{1,63}|[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex CodeOrIri();
}
