using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Attempts;

/// <summary>Decisions on attempts.</summary>
public static class AttemptRules
{
    /// <summary>Makes an attempt count no more. It stays visible; awards resting on it are flagged by the fold.</summary>
    /// <param name="transcript">The learner's current transcript.</param>
    /// <param name="attempt">Event id of the attempt.</param>
    /// <param name="reason">Reason code, see <see cref="ReasonCode"/>.</param>
    /// <param name="note">What the person wrote, sealed.</param>
    /// <param name="now">The server's time.</param>
    public static Decision Void(Transcript transcript, Guid attempt, string reason, Sealed? note, DateTimeOffset now)
    {
        if (!transcript.Attempts.Values.Any(attempts => attempts.Exists(a => a.At.EventId == attempt)))
        {
            return new Refusal.NotFound($"The learner has no attempt {attempt}.");
        }

        if (ReasonCode.Check(reason) is { } refusal)
        {
            return refusal;
        }

        return transcript.Voidings.TryGetValue(attempt, out var voiding)
            ? new Refusal.Conflict($"Attempt {attempt} was voided already, by {voiding.At.Actor} for {voiding.Reason}.")
            : new DecidedEvent(new AttemptVoided(attempt, reason, note), LedgerJson.Microseconds(now));
    }
}
