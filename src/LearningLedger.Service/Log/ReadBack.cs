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
            var replay = await TreeReplay.FromAsync(connection, log, from, cancellation);
            await using (var command = new NpgsqlCommand(
                "select leaf_index, leaf from tlog.entry where log = $1 and leaf_index >= $2 and leaf_index < $3 order by leaf_index", connection))
            {
                command.Parameters.Add(new() { Value = log.Log });
                command.Parameters.Add(new() { Value = from });
                command.Parameters.Add(new() { Value = log.Size });
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    replay.Take(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
                }
            }

            await replay.CompareTilesAsync(connection, cancellation);
            replay.End();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}

/// <summary>A log's tree, built again from its leaves and held against the stored tiles and roots.</summary>
public sealed class TreeReplay
{
    private readonly TenantLog log;
    private readonly TreeEdge edge;
    private TreeHash? atCheckpoint;

    private TreeReplay(TenantLog log, TreeEdge edge) => (this.log, this.edge) = (log, edge);

    /// <summary>Leaves so far.</summary>
    public long Size => edge.Size;

    /// <summary>Begins at a size whose tiles are believed; 0 believes nothing.</summary>
    /// <exception cref="InvalidDataException">Tiles are missing.</exception>
    public static async Task<TreeReplay> FromAsync(NpgsqlConnection connection, TenantLog log, long size, CancellationToken cancellation)
    {
        var edge = TreeEdge.Resume(size, await StoredTiles.LoadAsync(connection, log.Log, [.. TileId.Edge(size)], cancellation));
        return new TreeReplay(log, edge);
    }

    /// <summary>Takes the next leaf.</summary>
    /// <exception cref="InvalidDataException">One is missing before it.</exception>
    public void Take(long index, ReadOnlySpan<byte> leaf)
    {
        if (index != edge.Size)
        {
            throw new InvalidDataException($"Leaf {edge.Size} is missing.");
        }

        edge.Append(TreeHash.Leaf(leaf));
        if (edge.Size == log.CheckpointSize)
        {
            atCheckpoint = edge.Root();
        }
    }

    /// <summary>Compares the stored tiles with those that came or grew since the last call.</summary>
    /// <exception cref="InvalidDataException">One holds other hashes.</exception>
    public async Task CompareTilesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var grown = edge.TakeTiles();
        var stored = await StoredTiles.LoadAsync(connection, log.Log, [.. grown.Select(t => t.Id)], cancellation);
        foreach (var tile in grown)
        {
            if (!stored(tile.Id).Span.StartsWith(tile.Hashes))
            {
                throw new InvalidDataException($"{tile.Id.Path} does not hold the hashes of its leaves.");
            }
        }
    }

    /// <summary>Compares roots, when all leaves are taken.</summary>
    /// <exception cref="InvalidDataException">Leaves are missing, or lead to another root than the noted or the signed one.</exception>
    public void End()
    {
        if (edge.Size != log.Size)
        {
            throw new InvalidDataException($"Leaf {edge.Size} is missing.");
        }

        if (edge.Root() != log.Root)
        {
            throw new InvalidDataException("The leaves do not lead to the root.");
        }

        if (atCheckpoint is { } root && log.Checkpoint is { } note && Checkpoint.Parse(SignedNote.Parse(note).Text).Root != root)
        {
            throw new InvalidDataException("The leaves do not lead to the root that was signed.");
        }
    }
}
