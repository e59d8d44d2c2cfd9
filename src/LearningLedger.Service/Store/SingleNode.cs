using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Keeps a second service off a database whose first one believes to be alone.</summary>
public sealed class SingleNode : IAsyncDisposable
{
    private const long AdvisoryLock = 0x4C4C_4E4F_4445_0001;

    private readonly NpgsqlConnection connection;

    private SingleNode(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Takes the database, or refuses. The database lets go by itself when this process dies.</summary>
    /// <exception cref="LedgerStartException">Another service has it.</exception>
    public static async Task<SingleNode> HoldAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({AdvisoryLock})", connection);
        if (await command.ExecuteScalarAsync(cancellation) is true)
        {
            return new SingleNode(connection);
        }

        await connection.DisposeAsync();
        throw new LedgerStartException(
            "Another LearningLedger service runs on this database. Stop it, or set Ledger__Nodes=several for every service that shares the database.");
    }

    /// <summary>Lets go.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var command = new NpgsqlCommand($"select pg_advisory_unlock({AdvisoryLock})", connection))
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await command.ExecuteNonQueryAsync();
            }
        }

        await connection.DisposeAsync();
    }
}
