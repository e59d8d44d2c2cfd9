using System.Collections.Concurrent;
using System.Diagnostics;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Keeps all logs up with the ledger: looks ten times a second whose events wait, or twice while many come, and goes on without a pause while there are any.</summary>
/// <remarks>
/// In a burst, when more is recorded than is logged, platforms come first: the logs then work a third of the time, until the oldest event waits
/// <see cref="Limits.LoggedLate"/>. What was left lying is taken up as soon as the burst is over, and receipts promise more time than that.
/// </remarks>
public sealed class Sequencing(NpgsqlDataSource database, Sequencer sequencer, TimeProvider time, ILogger<Sequencing> log) : BackgroundService
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <param name="Events">Events taken.</param>
    /// <param name="More">Whether some tenant likely has more waiting.</param>
    /// <param name="Oldest">When the oldest event of a tenant that has more waiting was recorded.</param>
    private sealed record Round(int Events, bool More, DateTimeOffset Oldest);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reached = long.MaxValue;
        var pace = new BusyPace(Glance);
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                var began = Stopwatch.GetTimestamp();
                var round = await RoundAsync(stoppingToken);
                pause = pace.After(round.Events, time.GetUtcNow());
                if (round.More)
                {
                    var last = await LastSequenceAsync(stoppingToken);
                    pause = PauseAfter(Stopwatch.GetElapsedTime(began), round.Events, last - reached, time.GetUtcNow() - round.Oldest);
                    reached = last;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.SequencingFailed(e);
                pause = Rest;
            }

            await Task.Delay(pause < Rest ? pause : Rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How long to step back after a round that left events waiting.</summary>
    /// <param name="worked">What the round took.</param>
    /// <param name="logged">Events it logged.</param>
    /// <param name="recorded">Events recorded since the round before.</param>
    /// <param name="waiting">How long the oldest event had waited.</param>
    internal static TimeSpan PauseAfter(TimeSpan worked, int logged, long recorded, TimeSpan waiting) =>
        recorded > logged && waiting < Limits.LoggedLate ? 2 * worked : TimeSpan.Zero;

    private async Task<long> LastSequenceAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select last_value from {SqlNames.Sequence}");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<Round> RoundAsync(CancellationToken cancellation)
    {
        var tenants = new List<string>();
        await using (var command = database.CreateCommand(PendingEvents.Waiting))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                tenants.Add(reader.GetString(0));
            }
        }

        var pages = new ConcurrentBag<TakenPage>();
        await Parallel.ForEachAsync(tenants, new ParallelOptions { MaxDegreeOfParallelism = Limits.LogsAtOnce, CancellationToken = cancellation }, async (tenant, stop) =>
        {
            try
            {
                pages.Add(await sequencer.AdvanceAsync(tenant, stop));
            }
            catch (Exception e) when (e is LogMovedException or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                // Another node writes this log too, or an event was noted twice; the next round sees where it is now.
                log.LogContended(e, tenant);
                await sequencer.DropLoggedAsync(tenant, stop);
            }
        });
        var full = pages.Where(p => p.Events >= Limits.LeavesPerCommit).ToList();
        return new Round(pages.Sum(p => p.Events), full.Count > 0, full.Count > 0 ? full.Min(p => p.Oldest) : default);
    }
}
