using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Keeps all logs up with the ledger: looks ten times a second whose events wait, and goes on without a pause while there are any.</summary>
public sealed class Sequencing(NpgsqlDataSource database, Sequencer sequencer, ILogger<Sequencing> log) : BackgroundService
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Glance;
            try
            {
                pause = await RoundAsync(stoppingToken) ? TimeSpan.Zero : Glance;
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

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether some tenant has more than a page waiting.</returns>
    private async Task<bool> RoundAsync(CancellationToken cancellation)
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

        var more = false;
        await Parallel.ForEachAsync(tenants, new ParallelOptions { MaxDegreeOfParallelism = Limits.LogsAtOnce, CancellationToken = cancellation }, async (tenant, stop) =>
        {
            try
            {
                if (await sequencer.AdvanceAsync(tenant, stop) >= Limits.LeavesPerCommit)
                {
                    more = true;
                }
            }
            catch (Exception e) when (e is LogMovedException or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                // Another node writes this log too, or an event was noted twice; the next round sees where it is now.
                log.LogContended(e, tenant);
                await sequencer.DropLoggedAsync(tenant, stop);
            }
        });
        return more;
    }
}
