using System.Diagnostics;
using System.Threading.Channels;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Intake;

/// <summary>Group commit: requests that come while others are being flushed share the next transaction.</summary>
/// <remarks>
/// A request is answered only after its transaction is on disk. Nothing waits for company: a committer takes what is there, so a lone
/// request costs one flush, and under load the batches grow by themselves.
/// </remarks>
public sealed class Committer(FactCommit commit, ILogger<Committer> log) : BackgroundService
{
    private sealed record Waiting(IntakeRequest Request, TaskCompletionSource<IntakeOutcome> Outcome);

    private readonly Channel<Waiting> queue = Channel.CreateUnbounded<Waiting>();
    private long bytes;

    /// <summary>Bytes waiting or being committed.</summary>
    public long BytesWaiting => Volatile.Read(ref bytes);

    /// <summary>Records a request; completes when it is on disk, or refused.</summary>
    public async Task<IntakeOutcome> SubmitAsync(IntakeRequest request)
    {
        // A request is let in while the others stay within the bound: one that is larger by itself must not wait for ever.
        if (Interlocked.Add(ref bytes, request.Bytes) > Limits.BytesWaiting + request.Bytes)
        {
            Interlocked.Add(ref bytes, -request.Bytes);
            return new IntakeOutcome.Busy();
        }

        try
        {
            // Not cancelled with the request: once queued it may be on disk, and then the poster should hear so.
            var waiting = new Waiting(request, new(TaskCreationOptions.RunContinuationsAsynchronously));
            return queue.Writer.TryWrite(waiting) ? await waiting.Outcome.Task : new IntakeOutcome.Busy();
        }
        finally
        {
            Interlocked.Add(ref bytes, -request.Bytes);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Limits.Committers).Select(_ => Task.Run(CommitAllAsync, CancellationToken.None)));

    /// <summary>Lets what is queued be committed, then ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CommitAllAsync()
    {
        var batch = new List<Waiting>();
        while (await queue.Reader.WaitToReadAsync())
        {
            var size = 0;
            while (size < Limits.EventsPerCommit && queue.Reader.TryRead(out var next))
            {
                batch.Add(next);
                size += next.Request.Events.Count;
            }

            if (batch.Count > 0)
            {
                await CommitAsync(batch);
                batch.Clear();
            }
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        try
        {
            var started = Stopwatch.GetTimestamp();
            var outcomes = await commit.CommitAsync([.. batch.Select(w => w.Request)], CancellationToken.None);
            Telemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            Telemetry.CommitRequests.Record(batch.Count);
            Telemetry.CommitEvents.Record(batch.Sum(w => w.Request.Events.Count));
            Telemetry.EventsRecorded.Add(outcomes.OfType<IntakeOutcome.Recorded>().Sum(o => o.Receipts.Count(r => r.Status == Receipt.Accepted)));
            Telemetry.PostsRefused.Add(outcomes.Count(o => o is IntakeOutcome.Conflict));
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Outcome.SetResult(outcomes[i]);
            }
        }
        catch (Npgsql.PostgresException e) when (batch.Count > 1 && !e.IsTransient)
        {
            // One of them holds something the database refuses: alone it fails by itself.
            log.CommitSplit(e, batch.Count);
            foreach (var waiting in batch)
            {
                await CommitAsync([waiting]);
            }
        }
        catch (Exception e)
        {
            log.CommitFailed(e, batch.Count);
            foreach (var waiting in batch)
            {
                waiting.Outcome.SetException(e);
            }
        }
    }
}
