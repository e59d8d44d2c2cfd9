using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Reads back what was written and computes it again, before anything is signed: a bit that flips on the way must not be signed for ever.</summary>
public static class ReadBack
{
    /// <summary>Whether leaves, tiles and root of the database belong together from one size to another.</summary>
    /// <param name="connection">Outside the transaction that wrote.</param>
    /// <param name="log">The log as it is.</param>
    /// <param name="from">The size up to which this was checked before.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static async Task<string?> FaultAsync(NpgsqlConnection connection, TenantLog log, long from, CancellationToken cancellation)
    {
        try
        {
            var edge = TreeEdge.Resume(from, await StoredTiles.LoadAsync(connection, log.Log, [.. TileId.Edge(from)], cancellation));
            await using (var command = new NpgsqlCommand(
                "select leaf_index, leaf from tlog.entry where log = $1 and leaf_index >= $2 and leaf_index < $3 order by leaf_index", connection))
            {
                command.Parameters.Add(new() { Value = log.Log });
                command.Parameters.Add(new() { Value = from });
                command.Parameters.Add(new() { Value = log.Size });
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    if (reader.GetInt64(0) != edge.Size)
                    {
                        return $"leaf {edge.Size} is missing";
                    }

                    edge.Append(TreeHash.Leaf(reader.GetFieldValue<byte[]>(1)));
                }
            }

            if (edge.Size != log.Size)
            {
                return $"leaf {edge.Size} is missing";
            }

            if (edge.Root() != log.Root)
            {
                return "leaves and root do not belong together";
            }

            var grown = edge.TakeTiles();
            var stored = await StoredTiles.LoadAsync(connection, log.Log, [.. grown.Select(t => t.Id)], cancellation);
            foreach (var tile in grown)
            {
                if (!stored(tile.Id).Span.SequenceEqual(tile.Hashes))
                {
                    return $"{tile.Id.Path} does not hold the hashes of its leaves";
                }
            }

            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
