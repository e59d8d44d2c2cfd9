using System.Net.Http.Headers;
using System.Security.Cryptography;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// Has a time-stamping authority (RFC 3161) stamp checkpoints of the logs that grow, on a slow beat. Courts know such tokens, and they can be checked offline for as
/// long as the authority's certificate is known.
/// </summary>
public sealed class Stamping(NpgsqlDataSource database, Signer signer, LedgerSettings settings, TimeProvider time, ILogger<Stamping> log) : BackgroundService
{
    private const int LargestAnswer = 1024 * 1024;
    private const int NonceBytes = 16;

    private const string Due =
        $"""
        select l.log, l.tenant, l.epoch, l.size, l.root, l.checkpoint_size, l.checkpoint from tlog.log l
          left join lateral (select s.size, s.stamped_at from tlog.stamp s where s.log = l.log order by s.size desc limit 1) last on true
          where l.checkpoint is not null and l.checkpoint_size > coalesce(last.size, 0)
            and coalesce(last.stamped_at, '-infinity') < clock_timestamp() - make_interval(secs => $1)
            and {TenantLog.IsCurrent}
          order by last.stamped_at nulls first limit 100
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Log.TimestampUrl is not { } authority)
        {
            return;
        }

        using var client = new HttpClient { Timeout = Limits.StampAnswers, MaxResponseContentBufferSize = LargestAnswer };
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pace;
            try
            {
                pause = await RoundAsync(client, authority, stoppingToken) ? Pace : Limits.StampRests;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                log.SequencingFailed(e);
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>False when the authority is to be left alone for a while.</returns>
    private async Task<bool> RoundAsync(HttpClient client, Uri authority, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var due = new List<TenantLog>();
        await using (var command = new NpgsqlCommand(Due, connection))
        {
            command.Parameters.Add(new() { Value = (double)settings.Log.TimestampEverySeconds });
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
                var note = SignedNote.Parse(current.Checkpoint!).Of([signer.Verifier(LogOrigins.Of(settings.Log.Origin!, current))]);
                var stamp = await StampAsync(client, authority, note, cancellation);
                var (stamped, _) = stamp.Verify([]); // what does not verify is of no use to anybody
                await StoredStamps.KeepAsync(connection, current.Log, stamp, stamped, cancellation);
            }
            catch (Exception e) when (e is HttpRequestException or CryptographicException or NoteException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                log.NotStamped(e, current.Tenant);
                return false;
            }
        }

        return true;
    }

    private static async Task<TimeToken> StampAsync(HttpClient client, Uri authority, SignedNote note, CancellationToken cancellation)
    {
        var request = TimeToken.Request(note, RandomNumberGenerator.GetBytes(NonceBytes));
        using var content = new ByteArrayContent(request.Encode());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
        using var answer = await client.PostAsync(authority, content, cancellation);
        answer.EnsureSuccessStatusCode();
        var token = request.ProcessResponse(await answer.Content.ReadAsByteArrayAsync(cancellation), out _);
        return new TimeToken(note, token.AsSignedCms().Encode());
    }
}
