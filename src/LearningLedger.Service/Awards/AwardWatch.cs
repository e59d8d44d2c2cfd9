using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Store;
using Marten;
using Wolverine;
using Wolverine.Marten.Subscriptions;

namespace LearningLedger.Service.Awards;

/// <summary>Follows the ledger and asks for automatic awards where one has become due.</summary>
/// <remarks>
/// A subscription, so no rebuild of a read model can award. Its messages and its progress are written in one transaction: Wolverine's runner puts
/// each message for a durable queue into the session that Marten commits together with the progress row, and sends from memory only after that
/// commit. A kill at any instant leaves both or neither; what is in the queue's table is taken up at the next start. Running again over pages
/// already seen is harmless, since the policy never awards twice.
/// </remarks>
public sealed class AwardWatch : BatchSubscription
{
    private readonly AwardSearch search;

    /// <summary>Watches with <paramref name="search"/>.</summary>
    public AwardWatch(AwardSearch search)
        : base("AwardWatch")
    {
        this.search = search;
        Options.BatchSize = 2_000;
    }

    /// <inheritdoc/>
    public override async Task ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, IMessageBus bus, CancellationToken cancellationToken)
    {
        foreach (var (tenant, touched) in Touched(page.Events))
        {
            foreach (var learner in await search.AmongAsync(tenant, touched, framework: null, cancellationToken))
            {
                await bus.PublishAsync(new AwardMilestones(tenant, learner), new DeliveryOptions { TenantId = tenant });
            }
        }
    }

    /// <summary>The learners a page may have made eligible, by tenant, each with the last version of its stream on the page.</summary>
    /// <remarks>
    /// A learner whose stream has gone on is judged at the page that holds its last event, so catching up over a long history judges each learner
    /// about once and not once a page. After an automatic award nothing is left to award: it was decided on all that lay before it.
    /// </remarks>
    internal static Dictionary<string, Dictionary<Guid, long>> Touched(IEnumerable<IEvent> events)
    {
        var touched = new Dictionary<string, Dictionary<Guid, long>>();
        foreach (var e in events)
        {
            if (!touched.TryGetValue(e.TenantId, out var learners))
            {
                touched[e.TenantId] = learners = [];
            }

            // Joining or leaving can change the version a learner is judged under. The learner's own stream is not on the page then, so it is
            // judged as it stands.
            var (learner, seen) = e.Data switch
            {
                CohortJoined joined => (joined.Learner, long.MaxValue),
                CohortLeft left => (left.Learner, long.MaxValue),
                _ when EventCatalog.Of(e.EventType).Family == StreamFamily.Learner => (e.StreamId, e.Version),
                _ => (Guid.Empty, 0),
            };
            if (learner == Guid.Empty || learners.GetValueOrDefault(learner) == long.MaxValue)
            {
                continue;
            }

            if (e.Data is MilestoneAwarded && e.GetHeader(EventHeaders.Actor)?.ToString() == AutomaticAwards.Actor)
            {
                learners.Remove(learner);
            }
            else
            {
                learners[learner] = seen;
            }
        }

        return touched;
    }
}
