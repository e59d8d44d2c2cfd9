using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using LearningLedger.Service.Store;
using Marten;

namespace LearningLedger.Service.Analytics;

/// <summary>Carries out ranges of the <see cref="AnalyticsProjection"/>, each as one transaction.</summary>
/// <param name="shardName">As the daemon names it.</param>
/// <param name="options">Of the projection.</param>
/// <param name="store">Whose events.</param>
/// <param name="database">Where they are.</param>
/// <param name="logger">Told of errors.</param>
/// <param name="found">Told how many sequences a page of the daemon has.</param>
public sealed class AnalyticsExecution(
    ShardName shardName, AsyncOptions options, IEventStore<IDocumentOperations, IQuerySession> store, IEventDatabase database, ILogger logger, Action<long> found)
    : ProjectionExecution<IDocumentOperations, IQuerySession>(shardName, options, store, database, new Ranges(), logger), ISubscriptionExecution
{
    /// <summary>Sequences one transaction takes.</summary>
    public const int Chunk = 5_000;

    /// <summary>Cuts what the daemon asks for, which after a rebuild is the whole ledger, into transactions of a size that can fail and be repeated.</summary>
    async ValueTask ISubscriptionExecution.EnqueueAsync(EventPage page, ISubscriptionAgent subscriptionAgent)
    {
        found(page.Ceiling - page.Floor);
        foreach (var part in Parts(page))
        {
            await EnqueueAsync(part, subscriptionAgent);
        }
    }

    async Task ISubscriptionExecution.ProcessImmediatelyAsync(SubscriptionAgent subscriptionAgent, EventPage events, CancellationToken cancellation)
    {
        foreach (var part in Parts(events))
        {
            await ProcessImmediatelyAsync(subscriptionAgent, part, cancellation);
        }
    }

    /// <inheritdoc/>
    protected override async Task<IProjectionBatch> buildBatchWithNoSkippingAsync(EventRange range, CancellationToken cancellationToken)
    {
        var batch = await _store.StartProjectionBatchAsync(range, _database, Mode, _options, cancellationToken);
        await using var session = batch.SessionForTenant(StorageConstants.DefaultTenantId);
        OwnRange.Claim(session, range);
        session.QueueSqlCommand("call analytics.project(?, ?)", range.SequenceFloor, range.SequenceCeiling);
        session.QueueSqlCommand("call analytics.drop_erased(?, ?)", range.SequenceFloor, range.SequenceCeiling);
        return batch;
    }

    private static IEnumerable<EventPage> Parts(EventPage page)
    {
        for (var floor = page.Floor; floor < page.Ceiling; floor += Chunk)
        {
            var part = new EventPage(floor) { HighWaterMark = page.HighWaterMark };

            // A page that is not full reaches up to the mark it is given.
            part.CalculateCeiling(Chunk, Math.Min(floor + Chunk, page.Ceiling));
            yield return part;
        }
    }

    private sealed class Ranges : IJasperFxProjection<IDocumentOperations>
    {
        public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation) =>
            throw new NotSupportedException("Analytics take ranges of sequences, not events.");
    }
}
