using System.Numerics;

namespace LearningLedger.Integrity;

/// <summary>The small trees within a tile.</summary>
internal static class TileTree
{
    /// <summary>The root over 1, 2, 4, ... or 256 hashes laid one after the other.</summary>
    public static TreeHash Root(ReadOnlySpan<byte> hashes)
    {
        var count = hashes.Length / TreeHash.Size;
        if (count == 1)
        {
            return new TreeHash(hashes);
        }

        Span<TreeHash> nodes = stackalloc TreeHash[count / 2];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = TreeHash.Node(At(hashes, 2 * i), At(hashes, (2 * i) + 1));
        }

        for (var width = nodes.Length; width > 1; width /= 2)
        {
            for (var i = 0; i < width / 2; i++)
            {
                nodes[i] = TreeHash.Node(nodes[2 * i], nodes[(2 * i) + 1]);
            }
        }

        return nodes[0];
    }

    /// <summary>Joins the complete subtrees of a partial tile, and what lies to their right, into one hash.</summary>
    /// <param name="hashes">1 to 255 hashes.</param>
    /// <param name="right">The hash of all leaves to the right of the tile; null if there are none.</param>
    public static TreeHash Join(ReadOnlySpan<byte> hashes, TreeHash? right)
    {
        for (var left = hashes.Length / TreeHash.Size; left > 0;)
        {
            var count = 1 << BitOperations.TrailingZeroCount(left);
            left -= count;
            var root = Root(hashes.Slice(left * TreeHash.Size, count * TreeHash.Size));
            right = right is null ? root : TreeHash.Node(root, right.Value);
        }

        return right!.Value;
    }

    private static TreeHash At(ReadOnlySpan<byte> hashes, int index) => new(hashes.Slice(index * TreeHash.Size, TreeHash.Size));
}
