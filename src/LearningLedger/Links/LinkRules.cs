using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Links;

/// <summary>When two learners may be joined, because they are one person, and split again.</summary>
public static class LinkRules
{
    /// <summary>Why <paramref name="follower"/> may not be linked to <paramref name="lead"/>; null when it may.</summary>
    /// <param name="lead">The own transcript of the learner who goes on.</param>
    /// <param name="follower">That of the learner who is the same person.</param>
    /// <param name="reason">Reason code.</param>
    public static Refusal? Link(Transcript lead, Transcript follower, string? reason) =>
        ReasonCode.Check(reason)
        ?? (lead.Learner == follower.Learner ? new Refusal.Invalid("learner", "A learner cannot be linked to themselves.")
            : lead.LinkedInto is { } other ? new Refusal.Conflict($"Learner {lead.Learner} is linked to {other}: link to that one.")
            : follower.LinkedInto is { } already ? new Refusal.Conflict($"Learner {follower.Learner} is linked to {already} already.")
            : !follower.Linked.IsEmpty ? new Refusal.Conflict($"Others are linked to learner {follower.Learner}: end those links first.")
            : null);

    /// <summary>Why the link may not be ended; null when it may.</summary>
    /// <param name="lead">The own transcript of the learner who leads.</param>
    /// <param name="follower">Who is linked to it.</param>
    /// <param name="reason">Reason code.</param>
    public static Refusal? Unlink(Transcript lead, Guid follower, string? reason) =>
        ReasonCode.Check(reason)
        ?? (lead.Linked.Contains(follower) ? null : new Refusal.NotFound($"Learner {follower} is not linked to {lead.Learner}."));

    /// <summary>The stream that holds what a decision is about; null: the decision brings something new.</summary>
    public static Guid? HolderOf(Transcript transcript, ILedgerEvent decided) => decided switch
    {
        AttemptVoided voided => transcript.Attempts.Values.SelectMany(a => a).FirstOrDefault(a => a.At.EventId == voided.Attempt)?.At.Stream,
        EvidenceReviewed reviewed => transcript.Evidence.GetValueOrDefault(reviewed.Evidence)?.Submitted.Stream,
        MilestoneAwarded => null,
        IAwardEvent about => transcript.FindAward(about.Award)?.Grants[0].At.Stream,
        _ => null,
    };
}
