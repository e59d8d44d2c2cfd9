using LearningLedger.Integrity;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Tables;

/// <summary>The tiles of a log in PostgreSQL.</summary>
public static class StoredTiles
{
    /// <summary>Loads tiles, one round trip.</summary>
    /// <returns>Gives the bytes of each; a tile that is not there has none.</returns>
    public static async Task<Func<TileId, ReadOnlyMemory<byte>>> LoadAsync(
        NpgsqlConnection connection, int log, IReadOnlyCollection<TileId> tiles, CancellationToken cancellation)
    {
        var found = new Dictionary<(int Level, long Index), byte[]>(tiles.Count);
        if (tiles.Count > 0)
        {
            await using var command = new NpgsqlCommand(
                """
                -- "offset 0" has each looked up by its key: a join would read the whole table until PostgreSQL has looked at it once.
                select t.* from unnest($2, $3) as w (level, tile_index)
                  cross join lateral (select k.level, k.tile_index, k.hashes from tlog.tile k where k.log = $1 and k.level = w.level and k.tile_index = w.tile_index offset 0) t
                """,
                connection);
            command.Parameters.Add(new() { Value = log });
            command.Parameters.Add(new() { Value = tiles.Select(t => (short)t.Level).ToArray() });
            command.Parameters.Add(new() { Value = tiles.Select(t => t.Index).ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                found[(reader.GetInt16(0), reader.GetInt64(1))] = reader.GetFieldValue<byte[]>(2);
            }
        }

        return tile => found.GetValueOrDefault((tile.Level, tile.Index)) ?? ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>Adds tiles, and puts grown ones in the place of what they grew from.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, int log, IReadOnlyCollection<Tile> tiles, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into tlog.tile as t (log, level, tile_index, hashes) select $1, * from unnest($2, $3, $4)
              on conflict (log, level, tile_index) do update set hashes = excluded.hashes
            """,
            connection);
        command.Parameters.Add(new() { Value = log });
        command.Parameters.Add(new() { Value = tiles.Select(t => (short)t.Id.Level).ToArray() });
        command.Parameters.Add(new() { Value = tiles.Select(t => t.Id.Index).ToArray() });
        command.Parameters.Add(new() { Value = tiles.Select(t => t.Hashes).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The proof of a plan from the stored tiles.</summary>
    /// <exception cref="InvalidDataException">Tiles are missing or short.</exception>
    public static async Task<TreeHash[]> ProveAsync(NpgsqlConnection connection, int log, ProofPlan plan, CancellationToken cancellation) =>
        plan.Hashes(await LoadAsync(connection, log, plan.Tiles, cancellation));
}
