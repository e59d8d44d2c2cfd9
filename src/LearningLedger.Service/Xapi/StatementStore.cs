using LearningLedger.Service.Store;

namespace LearningLedger.Service.Xapi;

/// <summary>Takes statements in: those that come while others are being flushed share the next transaction.</summary>
public sealed class StatementStore(StatementCommit commit, ILogger<StatementStore> log) : BackgroundService
{
    private readonly GroupCommit<StatementRequest, StatementOutcome> group = new(
        "statements", requests => commit.CommitAsync(requests, CancellationToken.None), r => r.Statements.Count, r => r.Bytes, log);

    /// <summary>Stores a request's statements; null when too much is waiting.</summary>
    public Task<StatementOutcome?> SubmitAsync(StatementRequest request) => group.SubmitAsync(request);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => group.RunAsync();

    /// <summary>Lets what is queued be committed, then ends.</summary>
    public override Task StopAsync(CancellationToken cancellationToken) => group.DrainAsync(cancellationToken);
}
