using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Has PostgreSQL look at the tables that have doubled since it last did, so that its plans are those for a large table soon after a bulk load.</summary>
public sealed class TableStatistics(NpgsqlDataSource database, TimeProvider time, ILogger<TableStatistics> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pace, time, RefreshAsync, log.StatisticsNotRefreshed, stoppingToken, atOnce: false);

    private async Task RefreshAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select count(*) from ledger.refresh_statistics()");
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
