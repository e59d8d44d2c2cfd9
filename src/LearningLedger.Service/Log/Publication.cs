using System.Collections.Concurrent;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// Puts signed checkpoints where everybody reads them: at once, or, where witnesses are to cosign, after they were asked. Then it runs apart from what writes
/// the logs, and one that is slow holds up nobody. Without their quorum a checkpoint is published all the same: who asks for witnesses sees that they are missing.
/// </summary>
public sealed class Publication(NpgsqlDataSource database, OutsideWitnesses witnesses, ILogger<Publication> log) : BackgroundService
{
    private const int LogsAtOnce = 8;

    private readonly ConcurrentDictionary<int, (TenantLog Log, string Note)> offered = new();
    private readonly ConcurrentDictionary<string, bool> lacks = new();

    /// <summary>Publishes, now or soon; a checkpoint of fewer leaves than the last does nothing.</summary>
    /// <param name="connection">In no transaction.</param>
    /// <param name="current">The log when it was signed.</param>
    /// <param name="note">The signed checkpoint of all its leaves.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask PublishAsync(NpgsqlConnection connection, TenantLog current, string note, CancellationToken cancellation)
    {
        if (witnesses.Any)
        {
            offered[current.Log] = (current, note);
        }
        else
        {
            await WriteAsync(connection, current, note, cancellation);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!witnesses.Any)
        {
            await ForgetAsync(stoppingToken);
        }

        while (witnesses.Any && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Parallel.ForEachAsync(
                    offered.ToArray(), new ParallelOptions { MaxDegreeOfParallelism = LogsAtOnce, CancellationToken = stoppingToken },
                    async (offer, stop) =>
                    {
                        await CosignAsync(offer.Value.Log, offer.Value.Note, stop);
                        offered.TryRemove(offer);
                    });
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.SequencingFailed(e);
            }

            await Task.Delay(Limits.Glance, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Where no witnesses are asked for any more, none are missing.</summary>
    private async Task ForgetAsync(CancellationToken cancellation)
    {
        try
        {
            await using var command = database.CreateCommand("delete from tlog.finding where kind = $1");
            command.Parameters.Add(new() { Value = Finding.NotWitnessedKind });
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.SequencingFailed(e);
        }
    }

    private async Task CosignAsync(TenantLog current, string note, CancellationToken cancellation)
    {
        var (cosigned, missing) = await witnesses.CosignAsync(current, SignedNote.Parse(note), cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await WriteAsync(connection, current, cosigned.ToString(), cancellation);
        if (lacks.TryGetValue(current.Tenant, out var before) && before == missing is not null)
        {
            return;
        }

        if (missing is not null)
        {
            log.NotWitnessed(current.Tenant, missing);
            await Finding.KeepAsync(connection, [Finding.NotWitnessed(current.Tenant, missing)], cancellation);
        }
        else
        {
            await Finding.DropAsync(connection, current.Tenant, [Finding.NotWitnessedKind], cancellation);
        }

        lacks[current.Tenant] = missing is not null;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, TenantLog current, string note, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "update tlog.log set checkpoint = $2, checkpoint_size = $3, signed_at = clock_timestamp() where log = $1 and checkpoint_size <= $3 and size >= $3", connection);
        command.Parameters.Add(new() { Value = current.Log });
        command.Parameters.Add(new() { Value = note });
        command.Parameters.Add(new() { Value = current.Size });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
