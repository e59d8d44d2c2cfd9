using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Has PostgreSQL look at the tables that have grown by a fifth since it last did, so that its plans are those for a large table soon after a bulk load.</summary>
public sealed class TableStatistics(NpgsqlDataSource database, TimeProvider time, ILogger<TableStatistics> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await using var command = database.CreateCommand("select count(*) from ledger.refresh_statistics()");
                    command.CommandTimeout = 0;
                    await command.ExecuteNonQueryAsync(stoppingToken);
                }
                catch (NpgsqlException e)
                {
                    log.StatisticsNotRefreshed(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }
}
