using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using LearningLedger.Service.Store;
using Marten;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Marten.Subscriptions;
using Wolverine.Runtime;

namespace LearningLedger.Service.Awards;

/// <summary>Follows the ledger and asks for automatic awards where one has become due.</summary>
/// <remarks>
/// A subscription, so no rebuild of a read model can award. Messages are in the table of their durable queue before the progress is noted: a kill
/// at any instant leaves both, or the messages alone, and running again over what was seen already is harmless, since the policy never awards
/// twice. They are not written together with the progress because Marten tells nobody of the commit of a page that holds no event.
/// </remarks>
public sealed class AwardWatch : BatchSubscription
{
    /// <summary>Sequences read at once; bounds the memory when a long history is caught up with.</summary>
    private const int Chunk = 10_000;

    private readonly NpgsqlDataSource database;
    private readonly IWolverineRuntime runtime;
    private readonly AwardSearch search;
    private readonly Catalogue catalogue;
    private readonly WatchedLearners learners = new();

    /// <summary>Watches with <paramref name="search"/>.</summary>
    public AwardWatch(NpgsqlDataSource database, IWolverineRuntime runtime, AwardSearch search, Catalogue catalogue)
        : base("AwardWatch")
    {
        this.database = database;
        this.runtime = runtime;
        this.search = search;
        this.catalogue = catalogue;

        // A type that never occurs here: each page is empty and stands for the whole range up to the settled high-water mark, which is read below.
        IncludeType<Archived>();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A learner whose stream has gone on beyond what is at hand is judged where its last event is read, so catching up over a long history judges
    /// each learner about once.
    /// </remarks>
    public override async Task ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, IMessageBus bus, CancellationToken cancellationToken)
    {
        OwnRange.Claim(operations, page);
        for (var floor = page.SequenceFloor; floor < page.SequenceCeiling; floor += Chunk)
        {
            var ceiling = Math.Min(floor + Chunk, page.SequenceCeiling);
            await using var session = operations.DocumentStore.LightweightSession();
            var outbox = new MartenOutbox(runtime, session);
            foreach (var events in (await WatchedEvents.ReadAsync(database, floor, ceiling, cancellationToken)).GroupBy(e => e.Tenant))
            {
                await JudgeAsync(events.Key, events, outbox, cancellationToken);
            }

            await session.SaveChangesAsync(cancellationToken);
        }
    }

    private async Task JudgeAsync(string tenant, IEnumerable<WatchedEvent> events, MartenOutbox outbox, CancellationToken cancellation)
    {
        var known = await catalogue.CurrentAsync(tenant, cancellation);
        await foreach (var judged in search.AmongAsync(known, learners.ToJudge(tenant, known.Size, events), framework: null, cancellation))
        {
            if (judged.Outlook is { } outlook)
            {
                learners.Keep(tenant, known.Size, judged.Learner, judged.Version, outlook);
            }
            else
            {
                await outbox.PublishAsync(new AwardMilestones(tenant, judged.Learner), new DeliveryOptions { TenantId = tenant });
            }
        }
    }
}
