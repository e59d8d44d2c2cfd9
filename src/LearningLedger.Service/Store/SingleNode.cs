using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Keeps a second service off a database whose first one believes to be alone, also after the database was away for a while.</summary>
public sealed class SingleNode(NpgsqlDataSource database, IHostApplicationLifetime lifetime, ILogger<SingleNode> log) : IAsyncDisposable
{
    private const long AdvisoryLock = 0x4C4C_4E4F_4445_0001;

    // The server may still know our broken connection, and its lock, for a moment.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource ending = new();
    private NpgsqlConnection? connection;
    private Task watching = Task.CompletedTask;

    /// <summary>Whether the database is ours; false while it is away.</summary>
    public bool Held { get; private set; }

    /// <summary>Whether another service took the database while it was away, which is why this one stops.</summary>
    public bool Taken { get; private set; }

    /// <summary>Takes the database, or refuses. The database lets go by itself when this process dies.</summary>
    /// <exception cref="LedgerStartException">Another service has it.</exception>
    public async Task HoldAsync(CancellationToken cancellation)
    {
        if (!await TryTakeAsync(cancellation))
        {
            throw new LedgerStartException(
                "Another LearningLedger service runs on this database. Stop it, or set Ledger__Nodes=several for every service that shares the database.");
        }

        watching = WatchAsync(ending.Token);
    }

    /// <summary>Lets go.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connection is not null)
        {
            await using (var command = new NpgsqlCommand($"select pg_advisory_unlock({AdvisoryLock})", connection))
            {
                await (Held ? command.ExecuteNonQueryAsync() : Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await connection.DisposeAsync();
        }

        ending.Dispose();
    }

    private async Task<bool> TryTakeAsync(CancellationToken cancellation)
    {
        var candidate = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({AdvisoryLock})", candidate);
        Held = await command.ExecuteScalarAsync(cancellation) is true;
        if (Held)
        {
            connection = candidate;
        }
        else
        {
            await candidate.DisposeAsync();
        }

        return Held;
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        DateTime? refusedSince = null;
        while (true)
        {
            await Task.Delay(Glance, cancellation);
            try
            {
                if (Held)
                {
                    await using var ping = new NpgsqlCommand("select", connection);
                    await ping.ExecuteNonQueryAsync(cancellation);
                }
                else if (await TryTakeAsync(cancellation))
                {
                    refusedSince = null;
                }
                else if (DateTime.UtcNow - (refusedSince ??= DateTime.UtcNow) > Grace)
                {
                    Taken = true;
                    log.DatabaseTaken();
                    lifetime.StopApplication();
                    return;
                }
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException && !cancellation.IsCancellationRequested)
            {
                await LoseAsync();
            }
        }
    }

    private async Task LoseAsync()
    {
        Held = false;
        if (connection is { } broken)
        {
            connection = null;
            await broken.DisposeAsync();
        }
    }
}
