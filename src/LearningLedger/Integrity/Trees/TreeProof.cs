using System.Numerics;

namespace LearningLedger.Integrity;

/// <summary>Checks proofs as RFC 9162, sections 2.1.3.2 and 2.1.4.2, says; they equal those of RFC 6962.</summary>
public static class TreeProof
{
    /// <summary>The longest proof there can be: a tree has fewer than 2^63 leaves.</summary>
    public const int LongestPath = 63;

    /// <summary>Whether a leaf is in the tree.</summary>
    /// <param name="leaf">Hash of the leaf.</param>
    /// <param name="index">Its index, from 0.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="path">The proof, from the leaf's sibling up.</param>
    /// <param name="root">The tree's root.</param>
    public static bool IsIncluded(TreeHash leaf, long index, long size, ReadOnlySpan<TreeHash> path, TreeHash root) =>
        RootOf(leaf, index, size, path) is { } computed && computed == root;

    /// <summary>The root that the proof leads to; null if a proof of that length cannot be.</summary>
    public static TreeHash? RootOf(TreeHash leaf, long index, long size, ReadOnlySpan<TreeHash> path)
    {
        if (index < 0 || index >= size)
        {
            return null;
        }

        var (node, last) = (index, size - 1);
        var hash = leaf;
        foreach (var sibling in path)
        {
            if (last == 0)
            {
                return null;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = TreeHash.Node(sibling, hash);
                var skip = (node & 1) == 1 ? 0 : BitOperations.TrailingZeroCount(node); // no sibling on the way up
                (node, last) = (node >> skip, last >> skip);
            }
            else
            {
                hash = TreeHash.Node(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 ? hash : null;
    }

    /// <summary>Whether a tree continues an earlier one. An empty tree proves nothing, so <paramref name="oldSize"/> 0 is never consistent.</summary>
    /// <param name="oldSize">Leaves of the earlier tree, at least 1.</param>
    /// <param name="size">Leaves of the later tree.</param>
    /// <param name="oldRoot">Root of the earlier tree.</param>
    /// <param name="root">Root of the later tree.</param>
    /// <param name="proof">The proof.</param>
    public static bool IsConsistent(long oldSize, long size, TreeHash oldRoot, TreeHash root, ReadOnlySpan<TreeHash> proof)
    {
        if (oldSize < 1 || oldSize > size)
        {
            return false;
        }

        if (oldSize == size)
        {
            return proof.IsEmpty && oldRoot == root;
        }

        var (node, last) = (oldSize - 1, size - 1);
        var down = BitOperations.TrailingZeroCount(~node); // the earlier tree's last complete subtree
        (node, last) = (node >> down, last >> down);
        if (node > 0 && proof.IsEmpty)
        {
            return false;
        }

        // Where the earlier tree is one complete subtree, its root is not in the proof.
        var (left, right) = node == 0 ? (oldRoot, oldRoot) : (proof[0], proof[0]);
        foreach (var sibling in node == 0 ? proof : proof[1..])
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                left = TreeHash.Node(sibling, left);
                right = TreeHash.Node(sibling, right);
                var skip = (node & 1) == 1 ? 0 : BitOperations.TrailingZeroCount(node);
                (node, last) = (node >> skip, last >> skip);
            }
            else
            {
                right = TreeHash.Node(right, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && left == oldRoot && right == root;
    }
}
