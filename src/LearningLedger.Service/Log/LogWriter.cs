using System.Collections.Concurrent;
using LearningLedger.Integrity;
using LearningLedger.Tables;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Log;

/// <summary>Appends leaves to a log's tables, within the transaction of the caller, who holds the log's lock.</summary>
public sealed class LogWriter
{
    /// <summary>SQL: takes the lock under which a tenant's log is written, until the transaction ends, and waits for whoever has it.</summary>
    public const string Lock = $"select pg_advisory_xact_lock({LockOf})";

    private const string LockOf = "hashtextextended('tlog ' || $1, 0)";

    // The right edge of each tree this process wrote last, so that nothing is read while nobody else writes.
    private readonly ConcurrentDictionary<int, TreeEdge> edges = new();

    /// <summary>Takes the lock under which a tenant's log is written, until the transaction ends.</summary>
    /// <returns>False when somebody else has it.</returns>
    public static async Task<bool> TryLockAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_xact_lock({LockOf})", connection);
        command.Parameters.Add(new() { Value = tenant });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Appends.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="log">The log as it is now.</param>
    /// <param name="leaves">At least one.</param>
    /// <param name="cancellation">Gives up; the transaction is then to be rolled back.</param>
    /// <returns>The log as it will be once the transaction commits.</returns>
    /// <exception cref="LogMovedException">Somebody else has written it in spite of the lock.</exception>
    public async Task<TenantLog> AppendAsync(NpgsqlConnection connection, TenantLog log, IReadOnlyList<NewLeaf> leaves, CancellationToken cancellation)
    {
        // Should the transaction fail, what is in memory is not what the tables hold; nor is it after somebody else wrote.
        if (!edges.TryRemove(log.Log, out var edge) || edge.Size != log.Size || edge.Root() != log.Root)
        {
            var tiles = await StoredTiles.LoadAsync(connection, log.Log, [.. TileId.Edge(log.Size)], cancellation);
            edge = TreeEdge.Resume(log.Size, tiles);
        }

        foreach (var leaf in leaves)
        {
            edge.Append(TreeHash.Leaf(leaf.Bytes));
        }

        await WriteEntriesAsync(connection, log, leaves, cancellation);
        await StoredTiles.WriteAsync(connection, log.Log, edge.TakeTiles(), cancellation);
        var grown = log with { Size = edge.Size, Root = edge.Root() };
        await MoveAsync(connection, log, grown, cancellation);
        edges[log.Log] = edge;
        return grown;
    }

    private static async Task WriteEntriesAsync(NpgsqlConnection connection, TenantLog log, IReadOnlyList<NewLeaf> leaves, CancellationToken cancellation)
    {
        await using var writer = await connection.BeginBinaryImportAsync("copy tlog.entry (log, leaf_index, seq_id, leaf) from stdin (format binary)", cancellation);
        for (var i = 0; i < leaves.Count; i++)
        {
            await writer.StartRowAsync(cancellation);
            await writer.WriteAsync(log.Log, NpgsqlDbType.Integer, cancellation);
            await writer.WriteAsync(log.Size + i, NpgsqlDbType.Bigint, cancellation);
            if (leaves[i].Sequence is { } sequence)
            {
                await writer.WriteAsync(sequence, NpgsqlDbType.Bigint, cancellation);
            }
            else
            {
                await writer.WriteNullAsync(cancellation);
            }

            await writer.WriteAsync(leaves[i].Bytes, NpgsqlDbType.Bytea, cancellation);
        }

        await writer.CompleteAsync(cancellation);
    }

    private static async Task MoveAsync(NpgsqlConnection connection, TenantLog from, TenantLog to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("update tlog.log set size = $2, root = $3 where log = $1 and size = $4 and root = $5", connection);
        command.Parameters.Add(new() { Value = from.Log });
        command.Parameters.Add(new() { Value = to.Size });
        command.Parameters.Add(new() { Value = to.Root.ToArray() });
        command.Parameters.Add(new() { Value = from.Size });
        command.Parameters.Add(new() { Value = from.Root.ToArray() });
        if (await command.ExecuteNonQueryAsync(cancellation) != 1)
        {
            throw new LogMovedException($"The log of tenant {from.Tenant} was written by somebody else.");
        }
    }
}

/// <summary>A log is not as it was a moment ago; look again.</summary>
/// <param name="message">Which.</param>
public sealed class LogMovedException(string message) : Exception(message);
