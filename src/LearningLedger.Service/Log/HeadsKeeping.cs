using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Gives each log that grows its heads leaf when it is due.</summary>
public sealed class HeadsKeeping(NpgsqlDataSource database, HeadsWriter heads, TimeProvider time, ILogger<HeadsKeeping> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pace, time, RoundAsync, log.SequencingFailed, stoppingToken);

    private async Task RoundAsync(CancellationToken cancellation)
    {
        var due = new List<string>();
        await using (var command = database.CreateCommand(HeadsWriter.Due))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                due.Add(reader.GetString(0));
            }
        }

        foreach (var tenant in due)
        {
            try
            {
                await heads.AppendAsync(tenant, cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                log.HeadsFailed(e, tenant);
            }
        }
    }
}
