using LearningLedger.Integrity;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Log;

/// <summary>The heads of a log's streams in PostgreSQL: the buckets the last heads leaf commits to, and their hashes in tiles.</summary>
public static class StoredHeads
{
    /// <summary>The tree of hashes.</summary>
    public static async Task<HeadsTree> TreeAsync(NpgsqlConnection connection, int log, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select tile_index, hashes from tlog.heads_tile where log = $1", connection);
        command.Parameters.Add(new() { Value = log });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var tiles = new List<Tile>();
        while (await reader.ReadAsync(cancellation))
        {
            tiles.Add(new Tile(new TileId(0, reader.GetInt16(0)), reader.GetFieldValue<byte[]>(1)));
        }

        return HeadsTree.Resume(tiles);
    }

    /// <summary>The contents of buckets; an empty bucket is not among them.</summary>
    public static async Task<Dictionary<int, byte[]>> BucketsAsync(NpgsqlConnection connection, int log, IReadOnlyCollection<int> buckets, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select bucket, content from tlog.heads_bucket where log = $1 and bucket = any ($2)", connection);
        command.Parameters.Add(new() { Value = log });
        command.Parameters.Add(new() { Value = buckets.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var contents = new Dictionary<int, byte[]>(buckets.Count);
        while (await reader.ReadAsync(cancellation))
        {
            contents[reader.GetInt32(0)] = reader.GetFieldValue<byte[]>(1);
        }

        return contents;
    }

    /// <summary>Writes what changed.</summary>
    public static async Task WriteAsync(
        NpgsqlConnection connection, int log, IReadOnlyDictionary<int, byte[]> buckets, IReadOnlyCollection<Tile> tiles, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            insert into tlog.heads_bucket (log, bucket, content) select $1, * from unnest($2, $3)
              on conflict (log, bucket) do update set content = excluded.content
            """)
        {
            Parameters = { new() { Value = log }, new() { Value = buckets.Keys.ToArray() }, Bytes(buckets.Values) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            insert into tlog.heads_tile (log, tile_index, hashes) select $1, * from unnest($2, $3)
              on conflict (log, tile_index) do update set hashes = excluded.hashes
            """)
        {
            Parameters = { new() { Value = log }, new() { Value = tiles.Select(t => (short)t.Id.Index).ToArray() }, Bytes(tiles.Select(t => t.Hashes)) },
        });
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlParameter Bytes(IEnumerable<byte[]> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
}
