namespace LearningLedger.Integrity;

/// <summary>The right edge of a tree in tiles: all that appending needs, and the root follows from it.</summary>
/// <remarks>Holds one partial tile a level, so 8 KiB for each factor of 256. Not safe for use by several threads.</remarks>
public sealed class TreeEdge
{
    private const int TileBytes = TileId.FullWidth * TreeHash.Size;

    private readonly List<byte[]> levels = [];
    private readonly List<Tile> full = [];
    private long taken;

    /// <summary>Leaves in the tree.</summary>
    public long Size { get; private set; }

    /// <summary>The edge of a tree that exists.</summary>
    /// <param name="size">Its leaves.</param>
    /// <param name="read">Gives the bytes of each of <see cref="TileId.Edge"/>; a wider tile of the same place serves too.</param>
    /// <exception cref="InvalidDataException">A tile holds fewer hashes than asked for.</exception>
    public static TreeEdge Resume(long size, Func<TileId, ReadOnlyMemory<byte>> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var edge = new TreeEdge { Size = size, taken = size };
        foreach (var tile in TileId.Edge(size))
        {
            var bytes = read(tile).Span;
            if (bytes.Length < tile.Width * TreeHash.Size)
            {
                throw new InvalidDataException($"{tile.Path} holds {bytes.Length} bytes.");
            }

            bytes[..(tile.Width * TreeHash.Size)].CopyTo(edge.Level(tile.Level));
        }

        return edge;
    }

    /// <summary>Appends a leaf.</summary>
    public void Append(TreeHash leaf)
    {
        var hash = leaf;
        for (var level = 0; ; level++)
        {
            var tile = Level(level);
            var ordinal = Size >> (TileId.Height * level); // hashes at this level before this one
            var place = (int)(ordinal % TileId.FullWidth);
            hash.CopyTo(tile.AsSpan(place * TreeHash.Size));
            if (place < TileId.FullWidth - 1)
            {
                break;
            }

            full.Add(new Tile(new TileId(level, ordinal / TileId.FullWidth), tile.ToArray()));
            hash = TileTree.Root(tile);
        }

        Size++;
    }

    /// <summary>The partial tiles of the edge, lowest level first: what <see cref="Resume"/> asks for.</summary>
    public IEnumerable<Tile> Partial() => TileId.Edge(Size).Select(tile => new Tile(tile, levels[tile.Level][..(tile.Width * TreeHash.Size)]));

    /// <summary>The root of the tree (RFC 6962's MTH).</summary>
    public TreeHash Root()
    {
        TreeHash? root = null;
        foreach (var tile in TileId.Edge(Size))
        {
            root = TileTree.Join(levels[tile.Level].AsSpan(0, tile.Width * TreeHash.Size), root);
        }

        return root ?? TreeHash.Empty;
    }

    /// <summary>The tiles that came or grew since the last call: every full one once, then the partial ones of the edge.</summary>
    public IReadOnlyList<Tile> TakeTiles()
    {
        var grown = new List<Tile>(full);
        full.Clear();
        foreach (var tile in TileId.Edge(Size))
        {
            if (taken >> (TileId.Height * tile.Level) != Size >> (TileId.Height * tile.Level))
            {
                grown.Add(new Tile(tile, levels[tile.Level][..(tile.Width * TreeHash.Size)]));
            }
        }

        taken = Size;
        return grown;
    }

    private byte[] Level(int level)
    {
        while (levels.Count <= level)
        {
            levels.Add(new byte[TileBytes]);
        }

        return levels[level];
    }
}

/// <summary>A tile with its content.</summary>
/// <param name="Id">Which.</param>
/// <param name="Hashes">Its hashes one after the other, 32 bytes each.</param>
public readonly record struct Tile(TileId Id, byte[] Hashes);
