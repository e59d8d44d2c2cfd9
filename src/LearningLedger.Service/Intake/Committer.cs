using System.Diagnostics;
using LearningLedger.Service.Host;
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
        group = new(CommitAsync, r => r.Events.Count, r => r.Bytes, log);
    }

    /// <summary>Bytes waiting or being committed.</summary>
    public long BytesWaiting => group.BytesWaiting;

    /// <summary>Records a request; completes when it is on disk, or refused.</summary>
    public async Task<IntakeOutcome> SubmitAsync(IntakeRequest request) => await group.SubmitAsync(request) ?? new IntakeOutcome.Busy();

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => group.RunAsync();

    /// <summary>Lets what is queued be committed, then ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        group.Complete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IntakeOutcome[]> CommitAsync(IReadOnlyList<IntakeRequest> requests)
    {
        var started = Stopwatch.GetTimestamp();
        var outcomes = await commit.CommitAsync(requests, CancellationToken.None);
        Telemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        Telemetry.CommitRequests.Record(requests.Count);
        Telemetry.CommitEvents.Record(requests.Sum(r => r.Events.Count));
        Telemetry.EventsRecorded.Add(outcomes.OfType<IntakeOutcome.Recorded>().Sum(o => o.Receipts.Count(r => r.Status == Receipt.Accepted)));
        Telemetry.PostsRefused.Add(outcomes.Count(o => o is IntakeOutcome.Conflict));
        return outcomes;
    }
}
