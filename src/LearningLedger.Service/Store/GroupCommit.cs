using System.Diagnostics;
using System.Threading.Channels;
using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Requests that come while others are being flushed share the next transaction. Each is answered only after its transaction is on disk.</summary>
/// <param name="name">What is queued, for the metrics.</param>
/// <param name="commit">Commits requests together and gives an outcome for each, in order.</param>
/// <param name="size">How large a request is, in events.</param>
/// <param name="bytes">About what a request holds in memory.</param>
/// <param name="log">Told when requests could not be committed.</param>
/// <remarks>Nothing waits for company: a lone request costs one flush, and under load the batches grow by themselves.</remarks>
public sealed class GroupCommit<TRequest, TOutcome>(
    string name, Func<IReadOnlyList<TRequest>, Task<TOutcome[]>> commit, Func<TRequest, int> size, Func<TRequest, long> bytes, ILogger log)
    where TOutcome : class
{
    private sealed record Waiting(TRequest Request, TaskCompletionSource<TOutcome> Outcome);

    private readonly Channel<Waiting> queue = Channel.CreateUnbounded<Waiting>();
    private readonly SemaphoreSlim crowd = new(0);
    private long held;
    private int events;
    private Task running = Task.CompletedTask;

    /// <summary>Bytes waiting or being committed.</summary>
    public long BytesWaiting => Volatile.Read(ref held);

    /// <summary>Commits a request; null when too much is waiting, and then nothing of it was or will be recorded.</summary>
    public async Task<TOutcome?> SubmitAsync(TRequest request)
    {
        // A request is let in while the others stay within the bound: one that is larger by itself must not wait for ever.
        var weight = bytes(request);
        if (Interlocked.Add(ref held, weight) > Limits.BytesWaiting + weight)
        {
            Interlocked.Add(ref held, -weight);
            return null;
        }

        Telemetry.Queued(name, 1, weight);
        try
        {
            // Not cancelled with the request: once queued it may be on disk, and then the poster should hear so.
            var waiting = new Waiting(request, new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (!queue.Writer.TryWrite(waiting))
            {
                return null;
            }

            var more = size(request);
            var all = Interlocked.Add(ref events, more);
            if (all >= Limits.Crowd && all - more < Limits.Crowd)
            {
                crowd.Release();
            }

            return await waiting.Outcome.Task;
        }
        finally
        {
            Interlocked.Add(ref held, -weight);
            Telemetry.Queued(name, -1, weight);
        }
    }

    /// <summary>Commits until <see cref="DrainAsync"/>, and then all that was queued by then.</summary>
    public Task RunAsync() => running = Task.Run(CommitAllAsync);

    /// <summary>Takes no more requests, and waits until those that were queued are committed.</summary>
    /// <param name="cancellation">Ends the wait, not the commits.</param>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        queue.Writer.TryComplete();
        await running.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CommitAllAsync()
    {
        using var ended = new CancellationTokenSource();
        var second = Task.Run(() => CommitCrowdsAsync(ended.Token));
        while (await queue.Reader.WaitToReadAsync())
        {
            await CommitAsync(Take());
        }

        await ended.CancelAsync();
        await second.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The second transaction at a time. A few requests alone would cost more in one of their own than they gain by not waiting for the first.</summary>
    private async Task CommitCrowdsAsync(CancellationToken ended)
    {
        while (true)
        {
            await crowd.WaitAsync(ended);
            while (Volatile.Read(ref events) >= Limits.Crowd)
            {
                await CommitAsync(Take());
            }
        }
    }

    private List<Waiting> Take()
    {
        var (batch, taken) = (new List<Waiting>(), 0);
        while (taken < Limits.EventsPerCommit && queue.Reader.TryRead(out var next))
        {
            batch.Add(next);
            taken += size(next.Request);
        }

        Interlocked.Add(ref events, -taken);
        return batch;
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        if (batch.Count == 0)
        {
            return; // the other was quicker
        }

        try
        {
            var began = Stopwatch.GetTimestamp();
            var outcomes = await commit([.. batch.Select(w => w.Request)]);
            Telemetry.Committed(name, batch.Count, batch.Sum(w => size(w.Request)), Stopwatch.GetElapsedTime(began));
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Outcome.SetResult(outcomes[i]);
            }
        }
        catch (PostgresException e) when (batch.Count > 1 && !DatabaseAway.Is(e))
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
