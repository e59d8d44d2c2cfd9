using LearningLedger.Events;

namespace LearningLedger.Awards;

/// <summary>
/// What stands between a learner and any further automatic award: one obstacle for each milestone that the policy might still award. Small, so
/// that it can be kept for many learners, and enough to tell most events that cannot change the answer from those that might.
/// </summary>
/// <remarks>
/// An event that <see cref="MayOpenBy"/> denies leaves every obstacle where it is. So an outlook stays true over any number of such events, as
/// long as the frameworks in force for the learner are the same.
/// </remarks>
/// <param name="Obstacles">In no order; empty when nothing is left that the policy might award.</param>
public sealed record AwardOutlook(IReadOnlyList<Obstacle> Obstacles)
{
    /// <summary>Whether an automatic award may follow once <paramref name="body"/> is appended to the learner's stream. False is certain, true is not.</summary>
    public bool MayOpenBy(ILedgerEvent body)
    {
        foreach (var obstacle in Obstacles)
        {
            if (obstacle.MayFallBy(body))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>One of the things that are missing for a milestone.</summary>
/// <param name="Rule">As in <see cref="MissingReason"/>.</param>
/// <param name="Skill">Code of the skill, for <c>score</c>.</param>
/// <param name="PassingScore">The score it takes, for <c>score</c>.</param>
public readonly record struct Obstacle(string Rule, string? Skill, decimal PassingScore)
{
    internal bool MayFallBy(ILedgerEvent body) => Rule is not ("score" or "evidence" or "assessors" or "requires") || body switch
    {
        // However attempts are counted, one that fails makes no failing skill pass.
        SkillAttempted attempt => Rule == "score" && attempt.Skill == Skill && attempt.Score >= PassingScore,
        AttemptVoided => Rule == "score",

        // Evidence counts once somebody accepts it. Taking it back, or rejecting it, makes nothing count that did not.
        EvidenceReviewed review => Rule is "evidence" or "assessors" && review.Decision == Verdict.Accepted,
        MilestoneAwarded or AwardReinstated or AwardRenewed => Rule == "requires",
        LearnerRegistered or StatementStored or EvidenceSubmitted or EvidenceWithdrawn => false,
        AwardFlagged or AwardAffirmed or AwardSuspended or AwardRevoked or AwardExpired => false,
        _ => true,
    };
}
