using System.Collections.Concurrent;
using System.Numerics;

namespace LearningLedger.Integrity;

/// <summary>
/// The RFC 6962 tree over the buckets of <see cref="HeadsBucket"/>. It always has 65,536 leaves, so every node has its fixed place: 4 MiB of hashes, and
/// after a change only the nodes above a changed bucket are hashed anew, 16 for one stream.
/// </summary>
/// <remarks>The leaf hashes are kept in 256 tiles; all else follows from them.</remarks>
public sealed class HeadsTree
{
    /// <summary>How many buckets there are.</summary>
    public const int Buckets = TileId.FullWidth * TileId.FullWidth;

    // Fewer nodes are hashed by one thread before others have begun.
    private const int WorthSharing = 256;

    private static readonly int Levels = BitOperations.Log2(Buckets);

    // A heap: the root at 1, below node n its children 2n and 2n + 1, the buckets from Buckets on.
    private readonly TreeHash[] nodes = new TreeHash[2 * Buckets];
    private readonly bool[] isStale = new bool[Buckets]; // nodes above the buckets whose children changed
    private List<int> stale = [];
    private readonly SortedSet<int> changed = [];

    /// <summary>The tree of no streams.</summary>
    public HeadsTree()
    {
        var empty = TreeHash.Leaf([]);
        for (var first = Buckets; first > 0; first /= 2)
        {
            nodes.AsSpan(first, first).Fill(empty);
            empty = TreeHash.Node(empty, empty);
        }
    }

    /// <summary>A tree whose tiles were kept.</summary>
    /// <param name="kept">Tiles that <see cref="TakeTiles"/> gave; those of empty buckets need not be there.</param>
    public static HeadsTree Resume(IEnumerable<Tile> kept)
    {
        var tree = new HeadsTree();
        foreach (var tile in kept)
        {
            if (tile.Id.Level != 0 || tile.Id.Index is < 0 or >= TileId.FullWidth || tile.Hashes.Length != TileId.FullWidth * TreeHash.Size)
            {
                throw new InvalidDataException($"{tile.Id.Path} is not a tile of heads.");
            }

            for (var place = 0; place < TileId.FullWidth; place++)
            {
                tree.SetHash(((int)tile.Id.Index * TileId.FullWidth) + place, new TreeHash(tile.Hashes.AsSpan(place * TreeHash.Size, TreeHash.Size)));
            }
        }

        return tree;
    }

    /// <summary>Sets the content of a bucket.</summary>
    public void Set(int bucket, ReadOnlySpan<byte> content) => Set(bucket, TreeHash.Leaf(content));

    /// <summary>Sets the content of a bucket by its leaf hash.</summary>
    internal void Set(int bucket, TreeHash content)
    {
        SetHash(bucket, content);
        changed.Add(bucket / TileId.FullWidth);
    }

    /// <summary>The root.</summary>
    public TreeHash Root()
    {
        Refresh();
        return nodes[1];
    }

    /// <summary>The inclusion proof of a bucket: 16 hashes.</summary>
    public TreeHash[] Path(int bucket)
    {
        Refresh();
        return [.. Enumerable.Range(0, Levels).Select(level => nodes[((Buckets + bucket) >> level) ^ 1])];
    }

    /// <summary>The tiles that changed since the last call; all are of level 0.</summary>
    public IReadOnlyList<Tile> TakeTiles()
    {
        Tile[] taken = [.. changed.Select(index => new Tile(new TileId(0, index), TileBytes(index)))];
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

    private void SetHash(int bucket, TreeHash hash)
    {
        if (nodes[Buckets + bucket] != hash)
        {
            nodes[Buckets + bucket] = hash;
            Mark((Buckets + bucket) / 2, stale);
        }
    }

    private void Mark(int node, List<int> level)
    {
        if (!isStale[node])
        {
            isStale[node] = true;
            level.Add(node);
        }
    }

    private void Refresh()
    {
        // All stale nodes are of one level, so none is hashed before its children.
        while (stale.Count > 0)
        {
            var level = stale;
            Share(level.Count, i => nodes[level[i]] = TreeHash.Node(nodes[2 * level[i]], nodes[(2 * level[i]) + 1]));
            stale = new List<int>(level.Count);
            foreach (var node in level)
            {
                isStale[node] = false;
                if (node > 1)
                {
                    Mark(node / 2, stale);
                }
            }
        }
    }

    /// <summary>Does something for 0, 1, 2, ... <paramref name="count"/>, by all cores where that is worth it.</summary>
    internal static void Share(int count, Action<int> work)
    {
        if (count < 2 * WorthSharing)
        {
            for (var i = 0; i < count; i++)
            {
                work(i);
            }
        }
        else
        {
            Parallel.ForEach(Partitioner.Create(0, count, WorthSharing), range =>
            {
                for (var i = range.Item1; i < range.Item2; i++)
                {
                    work(i);
                }
            });
        }
    }

    private byte[] TileBytes(int index)
    {
        var bytes = new byte[TileId.FullWidth * TreeHash.Size];
        for (var place = 0; place < TileId.FullWidth; place++)
        {
            nodes[Buckets + (index * TileId.FullWidth) + place].CopyTo(bytes.AsSpan(place * TreeHash.Size));
        }

        return bytes;
    }
}
