using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
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
    private readonly Catalogue catalogue;
    private readonly WatchedLearners learners = new();

    /// <summary>Watches with <paramref name="search"/>.</summary>
    public AwardWatch(AwardSearch search, Catalogue catalogue)
        : base("AwardWatch")
    {
        this.search = search;
        this.catalogue = catalogue;
        Options.BatchSize = 2_000;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A learner whose stream has gone on beyond the page is judged at the page that holds its last event, so catching up over a long history judges
    /// each learner about once and not once a page.
    /// </remarks>
    public override async Task ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, IMessageBus bus, CancellationToken cancellationToken)
    {
        foreach (var events in page.Events.GroupBy(e => e.TenantId))
        {
            var known = await catalogue.CurrentAsync(events.Key, cancellationToken);
            await foreach (var judged in search.AmongAsync(known, learners.ToJudge(known.Tenant, known.Size, events), framework: null, cancellationToken))
            {
                if (judged.Outlook is { } outlook)
                {
                    learners.Keep(known.Tenant, known.Size, judged.Learner, judged.Version, outlook);
                }
                else
                {
                    await bus.PublishAsync(new AwardMilestones(known.Tenant, judged.Learner), new DeliveryOptions { TenantId = known.Tenant });
                }
            }
        }
    }
}
