using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Awards;

/// <summary>What is known of the learners of one subscription: for each, up to which version nothing follows and what might change that.</summary>
/// <remarks>
/// Only ever saves work. What it holds is true of the stored events whatever becomes of the page that was at hand; who is not in it, or whose
/// stream did not go on by exactly one, is judged anew.
/// </remarks>
internal sealed class WatchedLearners
{
    private sealed record Known(long Version, long Catalogue, AwardOutlook Outlook);

    private readonly Dictionary<(string Tenant, Guid Learner), Known> known = [];

    /// <summary>The learners of one tenant to judge because of a page's events, each with the last version of its stream on the page.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="catalogue">How many events the tenant's catalogue was folded from: a framework published since makes all known of it old.</param>
    /// <param name="events">The tenant's events of the page, by sequence.</param>
    public Dictionary<Guid, long> ToJudge(string tenant, long catalogue, IEnumerable<WatchedEvent> events)
    {
        var touched = new Dictionary<Guid, long>();
        foreach (var e in events)
        {
            switch (e.Body)
            {
                // Membership can change the version a learner is judged under, and the learner's own stream says nothing of it.
                case CohortJoined joined:
                    Judge(joined.Learner, long.MaxValue);
                    break;
                case CohortLeft left:
                    Judge(left.Learner, long.MaxValue);
                    break;

                // Nothing follows any more.
                case LearnerErased:
                    known.Remove((tenant, e.Stream));
                    touched.Remove(e.Stream);
                    break;

                // A statement by itself changes nothing; only the count of versions must go on. What it was mapped to follows as an event of its own.
                case StatementStored when known.ContainsKey((tenant, e.Stream)):
                    Follow(e);
                    break;
                case var body when EventCatalog.Of(body.GetType()).Family == StreamFamily.Learner:
                    Follow(e);
                    break;
            }
        }

        return touched;

        void Follow(WatchedEvent e)
        {
            if (e is { Body: MilestoneAwarded, Actor: AutomaticAwards.Actor })
            {
                // It was decided on all that lay before it, and so was whatever follows from it.
                known.Remove((tenant, e.Stream));
                if (touched.GetValueOrDefault(e.Stream) < long.MaxValue)
                {
                    touched.Remove(e.Stream);
                }
            }
            else if (known.TryGetValue((tenant, e.Stream), out var before) && before.Catalogue == catalogue
                && (e.Version <= before.Version || (e.Version == before.Version + 1 && !before.Outlook.MayOpenBy(e.Body))))
            {
                known[(tenant, e.Stream)] = before with { Version = Math.Max(before.Version, e.Version) };
            }
            else
            {
                Judge(e.Stream, e.Version);
            }
        }

        void Judge(Guid learner, long seen)
        {
            known.Remove((tenant, learner));
            touched[learner] = Math.Max(seen, touched.GetValueOrDefault(learner));
        }
    }

    /// <summary>Keeps that nothing follows for a learner.</summary>
    public void Keep(string tenant, long catalogue, Guid learner, long version, AwardOutlook outlook)
    {
        if (known.Count >= Limits.OutlooksKept)
        {
            known.Clear();
        }

        known[(tenant, learner)] = new Known(version, catalogue, outlook);
    }
}
