using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Tables;

/// <summary>A log's tree, built again from its leaves and held against the stored tiles and roots.</summary>
public sealed class TreeReplay
{
    private readonly TenantLog log;
    private readonly TreeEdge edge;
    private readonly ILookup<long, Checkpoint> signed;

    private TreeReplay(TenantLog log, TreeEdge edge, IEnumerable<Checkpoint> signed) => (this.log, this.edge, this.signed) = (log, edge, signed.ToLookup(checkpoint => checkpoint.Size));

    /// <summary>Leaves so far.</summary>
    public long Size => edge.Size;

    /// <summary>Begins at a size whose tiles are believed; 0 believes nothing.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="log">The log as it is.</param>
    /// <param name="size">The size.</param>
    /// <param name="signed">Checkpoints that the leaves must lead to, beside the log's own.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">Tiles are missing.</exception>
    /// <exception cref="NoteException">The log's checkpoint cannot be read.</exception>
    public static async Task<TreeReplay> FromAsync(NpgsqlConnection connection, TenantLog log, long size, IEnumerable<Checkpoint> signed, CancellationToken cancellation)
    {
        var edge = TreeEdge.Resume(size, await StoredTiles.LoadAsync(connection, log.Log, [.. TileId.Edge(size)], cancellation));
        var own = log.Checkpoint is null ? null : Checkpoint.Parse(SignedNote.Parse(log.Checkpoint).Text);
        return new TreeReplay(log, edge, own?.Size == log.CheckpointSize ? signed.Append(own) : signed);
    }

    /// <summary>Takes the next leaf.</summary>
    /// <exception cref="InvalidDataException">One is missing before it, or the leaves lead to another root than one that was signed.</exception>
    public void Take(long index, ReadOnlySpan<byte> leaf)
    {
        if (index != edge.Size)
        {
            throw new InvalidDataException($"Leaf {edge.Size} is missing.");
        }

        edge.Append(TreeHash.Leaf(leaf));
        if (signed.Contains(edge.Size) && signed[edge.Size].Any(checkpoint => checkpoint.Root != edge.Root()))
        {
            throw new InvalidDataException($"The first {edge.Size} leaves do not lead to the root that was signed.");
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
    /// <exception cref="InvalidDataException">Leaves are missing, or lead to another root than the noted one.</exception>
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
    }
}
