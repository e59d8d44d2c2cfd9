using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// Dates logs anew that do not grow. A checkpoint alone never says when it was the log's last, so without this nobody could tell a quiet log from an old
/// copy of it.
/// </summary>
public sealed class Dating(NpgsqlDataSource database, Signer signer, Publication publication, LedgerSettings settings, TimeProvider time, ILogger<Dating> log) : BackgroundService
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
            try
            {
                // A database that was restored or rewritten holds another checkpoint than was signed last; that one is not dated.
                if (signer.Date(current.Tenant, current.Checkpoint!) is { } note && SignedNote.Parse(note).Text == SignedNote.Parse(current.Checkpoint!).Text)
                {
                    await publication.PublishAsync(connection, current, note, cancellation);
                }
            }
            catch (Exception e) when (e is SignerRefusal or NoteException or IOException or UnauthorizedAccessException)
            {
                log.NotDated(e, current.Tenant);
            }
        }
    }
}
