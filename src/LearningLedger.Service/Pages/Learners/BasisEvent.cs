using System.Globalization;
using LearningLedger.Events;
using LearningLedger.Service.Pages.Layout;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Pages.Learners;

/// <summary>An event of a transcript, in words.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Version">Its version in the learner's stream.</param>
/// <param name="What">What happened.</param>
/// <param name="Who">Actor.</param>
/// <param name="Occurred">The source's time; null where the transcript does not say it.</param>
/// <param name="Doubt">What has happened to it since, such as that it was voided; or null.</param>
public sealed record BasisEvent(Guid EventId, long Sequence, long Version, string What, string? Who, DateTimeOffset? Occurred, string? Doubt = null)
{
    /// <summary>Every event the document names, by id.</summary>
    public static IReadOnlyDictionary<Guid, BasisEvent> In(TranscriptDocument document, IReadOnlyDictionary<string, string> titles)
    {
        var events = new Dictionary<Guid, BasisEvent>();
        foreach (var line in document.Skills)
        {
            foreach (var attempt in line.Events)
            {
                Add(new(
                    attempt.EventId, attempt.Sequence, attempt.Version, $"{Title(line.Skill)}: attempt with score {Wording.Score(attempt.Score)}",
                    attempt.Actor, attempt.Occurred, attempt.Voided is { } gone ? $"voided: {gone.Reason}" : null));
                if (attempt.Voided is { } voided)
                {
                    Add(new(voided.EventId, voided.Sequence, voided.Version, $"{Title(line.Skill)}: attempt voided, {voided.Reason}", voided.Actor, voided.Occurred));
                }
            }

            foreach (var item in line.Evidence)
            {
                var name = $"evidence {Short(item.Evidence)}";
                Add(new(
                    item.EventId, item.Sequence, item.Version, $"{Title(line.Skill)}: {name} submitted, {item.MediaType}, {Wording.Size(item.Size)}", null, null,
                    item.Withdrawn is { } back ? $"withdrawn: {back.Reason}" : null));
                foreach (var review in item.Reviews)
                {
                    Add(new(
                        review.EventId, review.Sequence, review.Version, $"{Title(line.Skill)}: {name} {(review.Decision == Verdict.Accepted ? "accepted" : "rejected")}",
                        review.Actor, review.Occurred, review.ReplacedBy is null ? null : "replaced by a later verdict"));
                }

                if (item.Withdrawn is { } withdrawn)
                {
                    Add(new(withdrawn.EventId, withdrawn.Sequence, withdrawn.Version, $"{Title(line.Skill)}: {name} withdrawn, {withdrawn.Reason}", withdrawn.Actor, withdrawn.Occurred));
                }
            }
        }

        foreach (var award in document.Milestones)
        {
            foreach (var step in award.History)
            {
                Add(new(step.EventId, step.Sequence, step.Version, $"{award.Milestone}: {Wording.Event(step.Event).ToLowerInvariant()}", step.Actor, step.Occurred));
            }
        }

        return events;

        void Add(BasisEvent e) => events.TryAdd(e.EventId, e);
        string Title(string skill) => titles.GetValueOrDefault(skill, skill);
    }

    /// <summary>The first digits of an id; enough for people within one transcript.</summary>
    public static string Short(Guid id) => id.ToString("N", CultureInfo.InvariantCulture)[..8];
}
