namespace LearningLedger.Integrity;

/// <summary>
/// The tree over the buckets of <see cref="HeadsBucket"/>: 65,536 leaves, so 256 tiles of leaf hashes below one tile. Holds hashes alone (2 MiB),
/// and hashes anew only the tiles whose buckets changed: a quarter of a millisecond for one stream, some 30 ms for all.
/// </summary>
public sealed class HeadsTree
{
    /// <summary>How many buckets there are.</summary>
    public const int Buckets = TileId.FullWidth * TileId.FullWidth;

    private static readonly byte[] EmptyTile = Enumerable.Repeat(TreeHash.Leaf([]).ToArray(), TileId.FullWidth).SelectMany(hash => hash).ToArray();

    private readonly byte[]?[] tiles = new byte[TileId.FullWidth][];
    private readonly byte[] top = Enumerable.Repeat(TileTree.Root(EmptyTile).ToArray(), TileId.FullWidth).SelectMany(hash => hash).ToArray();
    private readonly SortedSet<int> stale = [];
    private readonly SortedSet<int> changed = [];

    /// <summary>A tree whose tiles were kept.</summary>
    /// <param name="kept">Tiles that <see cref="TakeTiles"/> gave; those of empty buckets need not be there.</param>
    public static HeadsTree Resume(IEnumerable<Tile> kept)
    {
        var tree = new HeadsTree();
        foreach (var tile in kept)
        {
            if (tile.Id.Level != 0 || tile.Hashes.Length != EmptyTile.Length)
            {
                throw new InvalidDataException($"{tile.Id.Path} is not a tile of heads.");
            }

            tree.tiles[tile.Id.Index] = [.. tile.Hashes];
            tree.stale.Add((int)tile.Id.Index);
        }

        return tree;
    }

    /// <summary>Sets the content of a bucket.</summary>
    public void Set(int bucket, ReadOnlySpan<byte> content)
    {
        var (tile, place) = Math.DivRem(bucket, TileId.FullWidth);
        TreeHash.Leaf(content).CopyTo((tiles[tile] ??= [.. EmptyTile]).AsSpan(place * TreeHash.Size));
        stale.Add(tile);
        changed.Add(tile);
    }

    /// <summary>The root.</summary>
    public TreeHash Root() => TileTree.Root(Top());

    /// <summary>The inclusion proof of a bucket: 16 hashes.</summary>
    public TreeHash[] Path(int bucket)
    {
        var above = Top();
        return ProofPlan.Inclusion(bucket, Buckets).Hashes(tile => tile.Level == 0 ? tiles[tile.Index] ?? EmptyTile : above);
    }

    /// <summary>The tiles that changed since the last call; all are of level 0.</summary>
    public IReadOnlyList<Tile> TakeTiles()
    {
        Tile[] taken = [.. changed.Select(index => new Tile(new TileId(0, index), [.. tiles[index]!]))];
        changed.Clear();
        return taken;
    }

    /// <summary>Whether a tree of heads has a bucket with this content.</summary>
    /// <param name="root">The tree's root.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="content">Its content.</param>
    /// <param name="path">The proof.</param>
    public static bool Has(TreeHash root, int bucket, ReadOnlySpan<byte> content, ReadOnlySpan<TreeHash> path) =>
        HeadsBucket.IsContent(content, bucket) && TreeProof.IsIncluded(TreeHash.Leaf(content), bucket, Buckets, path, root);

    private byte[] Top()
    {
        foreach (var tile in stale)
        {
            TileTree.Root(tiles[tile]).CopyTo(top.AsSpan(tile * TreeHash.Size));
        }

        stale.Clear();
        return top;
    }
}
