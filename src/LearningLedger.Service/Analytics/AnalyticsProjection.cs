using System.Diagnostics.CodeAnalysis;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Descriptors;
using JasperFx.Events.Projections;
using JasperFx.Events.Subscriptions;
using LearningLedger.Service.Store;
using Marten;

namespace LearningLedger.Service.Analytics;

/// <summary>Fills the schema <c>analytics</c>: one SQL call for a range of sequences, in the transaction that notes how far the projection has come.</summary>
/// <remarks>
/// No event is brought into the service. The daemon is asked for events of a type that never occurs here, so that each of its pages is empty and
/// stands for the whole range up to the settled high-water mark. Running live and rebuilding are therefore the same statements over the same rows.
/// </remarks>
public sealed class AnalyticsProjection : ProjectionBase, IProjectionSource<IDocumentOperations, IQuerySession>, ISubscriptionFactory<IDocumentOperations, IQuerySession>
{
    /// <summary>Name of its row in Marten's table of progress.</summary>
    public const string Progress = "Analytics:All";

    private static readonly string[] Tables =
    [
        "dim_learner", "dim_framework", "dim_milestone", "dim_skill", "milestone_skill", "dim_cohort", "fact_attempt", "fact_attempt_void",
        "fact_evidence", "fact_review", "fact_award", "fact_membership", "fact_closing", "fact_erasure", "fact_link", "kept_standing", "kept_standing_skill",
    ];

    private readonly DaemonSettings daemon;
    private readonly TimeProvider time;
    private readonly BusyPace pace;

    /// <summary>The projection.</summary>
    /// <param name="daemon">Of the daemon that runs it: told how often to look for events.</param>
    /// <param name="time">The clock.</param>
    public AnalyticsProjection(DaemonSettings daemon, TimeProvider time)
    {
        this.daemon = daemon;
        this.time = time;
        pace = new BusyPace(daemon.FastPollingTime);
        Name = "Analytics";
        IncludeType<Archived>();
        Options.BatchSize = AnalyticsExecution.Chunk;
        Options.MaximumHopperSize = 4 * AnalyticsExecution.Chunk;
        foreach (var table in Tables)
        {
            Options.DeleteDataInTableOnTeardown($"{SqlNames.Analytics}.{table}");
        }
    }

    /// <inheritdoc/>
    public SubscriptionType Type => SubscriptionType.EventProjection;

    /// <inheritdoc/>
    public Type ImplementationType => typeof(AnalyticsProjection);

    private ShardName Shard => ShardName.Compose(Name, version: Version);

    /// <inheritdoc/>
    public ShardName[] ShardNames() => [Shard];

    /// <inheritdoc/>
    public SubscriptionDescriptor Describe(IEventStore store) => new(this, store);

    /// <inheritdoc/>
    public IReadOnlyList<AsyncShard<IDocumentOperations, IQuerySession>> Shards() => [new(Options, ShardRole.Projection, Shard, this, this)];

    /// <inheritdoc/>
    public bool TryBuildReplayExecutor(
        IEventStore<IDocumentOperations, IQuerySession> store, IEventDatabase database, [NotNullWhen(true)] out IReplayExecutor? executor)
    {
        executor = null;
        return false;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: appends go past inline projections.</exception>
    public IInlineProjection<IDocumentOperations> BuildForInline() => throw new NotSupportedException("Analytics are projected by the daemon only.");

    /// <inheritdoc/>
    public ISubscriptionExecution BuildExecution(
        IEventStore<IDocumentOperations, IQuerySession> store, IEventDatabase database, ILoggerFactory loggerFactory, ShardName shardName) =>
        BuildExecution(store, database, loggerFactory.CreateLogger<AnalyticsProjection>(), shardName);

    /// <inheritdoc/>
    public ISubscriptionExecution BuildExecution(
        IEventStore<IDocumentOperations, IQuerySession> store, IEventDatabase database, ILogger logger, ShardName shardName) =>
        new AnalyticsExecution(shardName, Options, store, database, logger, events => daemon.FastPollingTime = pace.After(events, time.GetUtcNow()));
}
