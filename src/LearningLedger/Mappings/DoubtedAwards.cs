using LearningLedger.Events;
using LearningLedger.Transcripts;

namespace LearningLedger.Mappings;

/// <summary>Which awards fall into doubt when a platform takes back what it said.</summary>
public static class DoubtedAwards
{
    /// <summary>The reason code.</summary>
    public const string NowFailed = "now-failed";

    /// <summary>A flag for each open award that rests on an attempt at the skill in that activity, unless it bears such a flag already.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="events">The learner's events, in order.</param>
    /// <param name="doubt">What is taken back.</param>
    /// <param name="cause">Id of the event that says so.</param>
    public static IReadOnlyList<AwardFlagged> Of(Guid learner, IReadOnlyList<RecordedEvent> events, MappedFact.Doubt doubt, Guid cause)
    {
        var attempts = events.Where(e => e.Data is SkillAttempted attempt && attempt.Skill == doubt.Skill && attempt.Activity == doubt.Activity).Select(e => e.EventId).ToHashSet();
        return attempts.Count == 0
            ? []
            : [.. Transcript.Fold(learner, events).Awards
                .Where(a => a.Open && a.Basis.Any(attempts.Contains) && a.Doubts.TrueForAll(d => d.Reason != NowFailed))
                .Select(a => new AwardFlagged(a.Id, NowFailed, [cause]))];
    }
}
