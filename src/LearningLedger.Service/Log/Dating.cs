using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// Dates logs anew that do not grow. A checkpoint alone never says when it was the log's last, so without this nobody could tell a quiet log from an old
/// copy of it. The signer refuses where the database was restored or rewritten since, and so that is noticed though nothing is recorded.
/// </summary>
public sealed class Dating(NpgsqlDataSource database, Sequencer sequencer, LedgerSettings settings, TimeProvider time, ILogger<Dating> log) : BackgroundService
{
    private const string Due =
        $"""
        select l.log, l.tenant, l.epoch, l.size, l.root, l.checkpoint_size, l.checkpoint from tlog.log l
          where l.checkpoint_size = l.size and l.checkpoint is not null and l.signed_at < clock_timestamp() - make_interval(secs => $1)
            and {TenantLog.IsCurrent}
          order by l.signed_at limit 1000
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pace, time, RoundAsync, log.SequencingFailed, stoppingToken);

    private async Task RoundAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var due = new List<TenantLog>();
        await using (var command = new NpgsqlCommand(Due, connection))
        {
            command.Parameters.Add(new() { Value = (double)settings.Log.DatedEverySeconds });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                due.Add(TenantLog.Read(reader));
            }
        }

        foreach (var current in due)
        {
            await sequencer.SignAsync(connection, current, cancellation);
        }
    }
}
