using LearningLedger.Integrity;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>Somebody who rules the database and knows how a log is made: rewrites leaves and makes all tiles and the root fit again.</summary>
internal static class Forger
{
    /// <summary>Replaces the tenant's leaves by others and makes the tree fit. What was signed is left as it is.</summary>
    internal static async Task RewriteAsync(LedgerFixture fixture, string tenant, Func<List<(long? Sequence, byte[] Leaf)>, IEnumerable<(long? Sequence, byte[] Leaf)>> change)
    {
        await using var connection = await fixture.Database().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await DoAsync(connection, "select pg_advisory_xact_lock(hashtextextended('tlog ' || $1, 0))", tenant);
        var log = (await TenantLog.FindAsync(connection, tenant, default))!;
        var leaves = change(await LeavesAsync(connection, log.Log)).ToList();
        await DoAsync(connection, "delete from tlog.entry where log = $1", log.Log);
        await DoAsync(connection, "delete from tlog.tile where log = $1", log.Log);
        var edge = TreeEdge.Resume(0, _ => default);
        for (var i = 0; i < leaves.Count; i++)
        {
            edge.Append(TreeHash.Leaf(leaves[i].Leaf));
            await DoAsync(connection, "insert into tlog.entry (log, leaf_index, seq_id, leaf) values ($1, $2, $3, $4)", log.Log, (long)i, leaves[i].Sequence ?? (object)DBNull.Value, leaves[i].Leaf);
        }

        await StoredTiles.WriteAsync(connection, log.Log, edge.TakeTiles(), default);
        await DoAsync(connection, "update tlog.log set size = $2, root = $3, checkpoint_size = 0 where log = $1", log.Log, edge.Size, edge.Root().ToArray());
        await transaction.CommitAsync();
    }

    /// <summary>The event's leaf with other content committed to.</summary>
    internal static byte[] Forged(byte[] leaf, Guid eventId) => LogLeaf.Parse(leaf) is EventLeaf e && e.EventId == eventId
        ? (e with { Commitment = TreeHash.Leaf("what never was"u8) }).Bytes()
        : leaf;

    private static async Task<List<(long?, byte[])>> LeavesAsync(NpgsqlConnection connection, int log)
    {
        await using var command = new NpgsqlCommand("select seq_id, leaf from tlog.entry where log = $1 order by leaf_index", connection);
        command.Parameters.Add(new() { Value = log });
        await using var reader = await command.ExecuteReaderAsync();
        var leaves = new List<(long?, byte[])>();
        while (await reader.ReadAsync())
        {
            leaves.Add((reader.IsDBNull(0) ? null : reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        }

        return leaves;
    }

    private static async Task DoAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }
}
