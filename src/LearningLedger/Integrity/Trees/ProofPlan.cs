using System.Numerics;

namespace LearningLedger.Integrity;

/// <summary>How to make a proof from tiles: first which tiles it takes, so that a caller can load them at once, then the proof.</summary>
public sealed class ProofPlan
{
    private readonly long size;
    private readonly List<(long Start, long End)> ranges = [];

    private ProofPlan(long size) => this.size = size;

    /// <summary>The proof that a leaf is in a tree: RFC 6962, section 2.1.1.</summary>
    /// <param name="index">The leaf, from 0.</param>
    /// <param name="size">Leaves of the tree, more than <paramref name="index"/>.</param>
    public static ProofPlan Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var plan = new ProofPlan(size);
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + Split(end - start);
            if (index < middle)
            {
                plan.ranges.Add((middle, end));
                end = middle;
            }
            else
            {
                plan.ranges.Add((start, middle));
                start = middle;
            }
        }

        plan.ranges.Reverse(); // from the leaf's sibling up
        return plan;
    }

    /// <summary>The proof that a tree continues an earlier one: RFC 6962, section 2.1.2.</summary>
    /// <param name="oldSize">Leaves of the earlier tree, at least 1.</param>
    /// <param name="size">Leaves of the tree, at least <paramref name="oldSize"/>.</param>
    public static ProofPlan Consistency(long oldSize, long size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, size);
        var plan = new ProofPlan(size);
        var (start, end) = (0L, size);
        while (oldSize < end)
        {
            var middle = start + Split(end - start);
            if (oldSize <= middle)
            {
                plan.ranges.Add((middle, end));
                end = middle;
            }
            else
            {
                plan.ranges.Add((start, middle));
                start = middle;
            }
        }

        if (start > 0)
        {
            plan.ranges.Add((start, end)); // a verifier does not hold this part of the earlier tree
        }

        plan.ranges.Reverse();
        return plan;
    }

    /// <summary>The tiles of the tree that the proof is made from, each once. A wider tile of the same place serves as well.</summary>
    public IReadOnlyCollection<TileId> Tiles => [.. ranges.SelectMany(Nodes).Select(Holding).Distinct()];

    /// <summary>The proof.</summary>
    /// <param name="read">Gives the bytes of each of <see cref="Tiles"/>.</param>
    /// <exception cref="InvalidDataException">A tile holds fewer hashes than asked for.</exception>
    public TreeHash[] Hashes(Func<TileId, ReadOnlyMemory<byte>> read) => [.. ranges.Select(range =>
    {
        TreeHash? hash = null;
        foreach (var node in Nodes(range))
        {
            var root = Root(node, read);
            hash = hash is null ? root : TreeHash.Node(root, hash.Value);
        }

        return hash!.Value;
    })];

    /// <summary>The largest power of two below <paramref name="count"/>: where RFC 6962 divides a tree.</summary>
    private static long Split(long count) => 1L << BitOperations.Log2((ulong)count - 1);

    /// <summary>The complete subtrees of a range, from the right.</summary>
    private static IEnumerable<(int Level, long Index)> Nodes((long Start, long End) range)
    {
        for (var (start, end) = range; start < end;)
        {
            // Every range begins at a multiple of a power of two not smaller than its length, so its length alone tells how it falls apart.
            var level = BitOperations.TrailingZeroCount(end - start);
            end -= 1L << level;
            yield return (level, end >> level);
        }
    }

    private TileId Holding((int Level, long Index) node)
    {
        var level = node.Level / TileId.Height;
        var index = (node.Index << (node.Level % TileId.Height)) / TileId.FullWidth;
        return new TileId(level, index, TileId.WidthIn(size, level, index));
    }

    private TreeHash Root((int Level, long Index) node, Func<TileId, ReadOnlyMemory<byte>> read)
    {
        var tile = Holding(node);
        var count = 1 << (node.Level % TileId.Height);
        var first = (int)(node.Index * count % TileId.FullWidth);
        var hashes = read(tile).Span;
        return hashes.Length >= (first + count) * TreeHash.Size
            ? TileTree.Root(hashes.Slice(first * TreeHash.Size, count * TreeHash.Size))
            : throw new InvalidDataException($"{tile.Path} holds {hashes.Length} bytes.");
    }
}
