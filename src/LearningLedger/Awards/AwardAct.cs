using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>What a person wants done to an award.</summary>
/// <param name="Award">The award.</param>
/// <param name="Reason">Reason code, see <see cref="ReasonCode"/>.</param>
/// <param name="Note">What the person wrote, sealed.</param>
/// <param name="EffectiveAt">
/// From when. Null: from now, or from the award's last change where that lies later. Not before that change, and at most
/// <see cref="FurthestAhead"/> after now, since a transcript looks at no clock and shows every change at once.
/// </param>
public sealed record AwardAct(Guid Award, string Reason, Sealed? Note = null, DateTimeOffset? EffectiveAt = null)
{
    /// <summary>How far ahead of the server's clock an act may take effect: room for clocks that differ, as for posted events.</summary>
    public static TimeSpan FurthestAhead { get; } = TimeSpan.FromHours(24);

    /// <summary>The award and the time the act takes effect; or the refusal, if it cannot be.</summary>
    internal Refusal? Check(Transcript transcript, DateTimeOffset now, out Awards.Award award, out DateTimeOffset effectiveAt)
    {
        award = transcript.FindAward(Award)!;
        effectiveAt = default;
        if (award is null)
        {
            return new Refusal.NotFound($"The learner has no award {Award}.");
        }

        if (ReasonCode.Check(Reason) is { } refusal)
        {
            return refusal;
        }

        effectiveAt = LedgerJson.Microseconds(EffectiveAt ?? (now > award.ChangedAt ? now : award.ChangedAt));
        return EffectiveAt is null ? null
            : effectiveAt > now + FurthestAhead ? new Refusal.Invalid("effectiveAt", "The effective time lies more than 24 hours ahead.")
            : effectiveAt < award.ChangedAt
                ? new Refusal.Invalid("effectiveAt", $"The effective time lies before the award's last change, which took effect at {LedgerJson.Text(award.ChangedAt)}.")
                : null;
    }
}
