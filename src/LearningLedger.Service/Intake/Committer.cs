using LearningLedger.Service.Store;

namespace LearningLedger.Service.Intake;

/// <summary>Takes posted events in, by group commit.</summary>
public sealed class Committer : BackgroundService
{
    private readonly FactCommit commit;
    private readonly GroupCommit<IntakeRequest, IntakeOutcome> group;

    /// <summary>Commits with <paramref name="commit"/>.</summary>
    public Committer(FactCommit commit, ILogger<Committer> log)
    {
        this.commit = commit;
        group = new("events", requests => commit.CommitAsync(requests, CancellationToken.None), r => r.Events.Count, r => r.Bytes, log);
    }

    /// <summary>Bytes waiting or being committed.</summary>
    public long BytesWaiting => group.BytesWaiting;

    /// <summary>Does what can be done for a request that is to be submitted later; otherwise <see cref="SubmitAsync"/> does it.</summary>
    public void Prepare(IntakeRequest request) => commit.Prepare(request);

    /// <summary>Records a request; completes when it is on disk, or refused.</summary>
    public async Task<IntakeOutcome> SubmitAsync(IntakeRequest request)
    {
        if (request.Ahead is null)
        {
            Prepare(request);
        }

        return await group.SubmitAsync(request) ?? new IntakeOutcome.Busy();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => group.RunAsync();

    /// <summary>Lets what is queued be committed, then ends.</summary>
    public override Task StopAsync(CancellationToken cancellationToken) => group.DrainAsync(cancellationToken);
}
