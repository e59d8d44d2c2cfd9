using System.Collections.Immutable;
using LearningLedger.Events;
using LearningLedger.Evidence;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>That events on which awards may rest no longer hold, and by which event.</summary>
/// <param name="Cause">The event that broke them.</param>
/// <param name="Reason">Reason code, one of the constants here.</param>
/// <param name="Broken">The events that no longer hold.</param>
public sealed record Breakage(Guid Cause, string Reason, ImmutableArray<Guid> Broken)
{
    /// <summary>An attempt was voided.</summary>
    public const string AttemptVoided = "attempt-voided";

    /// <summary>Evidence was withdrawn.</summary>
    public const string EvidenceWithdrawn = "evidence-withdrawn";

    /// <summary>An assessor rejected evidence that counted as accepted.</summary>
    public const string VerdictReversed = "verdict-reversed";

    /// <summary>An award no longer stands.</summary>
    public const string AwardEnded = "award-ended";

    /// <summary>It lies in the stream of a learner who is linked no longer.</summary>
    public const string LearnerUnlinked = "learner-unlinked";

    internal static Breakage Of(Guid attempt, Guid voiding) => new(voiding, AttemptVoided, [attempt]);

    internal static Breakage Of(EvidenceItem item, Withdrawal withdrawal) =>
        new(withdrawal.At.EventId, EvidenceWithdrawn, [item.Submitted.EventId, .. item.Reviews.Select(r => r.At.EventId)]);

    /// <summary>A rejection breaks the item and what the same actor said before; the verdicts of others hold.</summary>
    internal static Breakage Of(EvidenceItem item, Review rejection) => new(
        rejection.At.EventId, VerdictReversed,
        [item.Submitted.EventId, .. item.Reviews.Where(r => r.At.Actor == rejection.At.Actor).Select(r => r.At.EventId)]);

    internal static Breakage Of(Award award, Guid end) => new(end, AwardEnded, [.. award.Grants.Select(g => g.At.EventId)]);

    /// <summary>Everything that is broken in <paramref name="transcript"/>: an award made now on any of it is flagged from its first moment.</summary>
    internal static IEnumerable<Breakage> In(Transcript transcript)
    {
        foreach (var (attempt, voiding) in transcript.Voidings)
        {
            yield return Of(attempt, voiding.At.EventId);
        }

        foreach (var item in transcript.Evidence.Values)
        {
            if (item.Withdrawn is { } withdrawal)
            {
                yield return Of(item, withdrawal);
            }

            foreach (var rejection in item.Verdicts.Where(v => v.Decision == Verdict.Rejected))
            {
                yield return Of(item, rejection);
            }
        }

        foreach (var award in transcript.Awards)
        {
            if (award.EndedBy is { } end)
            {
                yield return Of(award, end);
            }
        }
    }
}
