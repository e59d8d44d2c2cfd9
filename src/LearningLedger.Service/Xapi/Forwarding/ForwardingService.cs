using System.Collections.Concurrent;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>Sends statements on to other stores. Its whole memory is in the database: a kill at any instant costs a repetition, never a statement.</summary>
public sealed class ForwardingService(NpgsqlDataSource database, ForwardClient client, TenantKeys keys, Vault vault, TimeProvider time, ILogger<ForwardingService> log) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Tenant, string Code), Task> running = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Rounds.RunAsync(Pace, time, BeginAsync, log.ForwardingFailed, stoppingToken);
        await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Begins what is due, each by itself: a target that does not answer holds up no other.</summary>
    private async Task BeginAsync(CancellationToken stopping)
    {
        foreach (var due in (await Forward.DueAsync(database, stopping)).Where(f => !running.ContainsKey((f.Tenant, f.Code))))
        {
            var target = (due.Tenant, due.Code);
            running[target] = Task.Run(() => RunAsync(target, stopping), CancellationToken.None).ContinueWith(_ => running.TryRemove(target, out Task? _), TaskScheduler.Default);
        }
    }

    private async Task RunAsync((string Tenant, string Code) target, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);

            // One node at a time, or statements would overtake each other. The database lets go by itself when this process dies.
            if (!await LockAsync(connection, "pg_try_advisory_lock", target, cancellation))
            {
                return;
            }

            try
            {
                await new ForwardPass(client, connection, await keys.OfAsync(target.Tenant, cancellation), vault, log).RunAsync(target.Tenant, target.Code, cancellation);
            }
            finally
            {
                await LockAsync(connection, "pg_advisory_unlock", target, CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (Exception e)
        {
            log.ForwardingFailed(e);
        }
    }

    private static async Task<bool> LockAsync(NpgsqlConnection connection, string function, (string Tenant, string Code) target, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {function}(hashtextextended('forward/' || $1 || '/' || $2, 40))", connection);
        command.Parameters.Add(new() { Value = target.Tenant });
        command.Parameters.Add(new() { Value = target.Code });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }
}
