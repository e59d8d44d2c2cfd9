using System.Numerics;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Trees;

/// <summary>RFC 6962, section 2.1, word for word: nothing kept but what the definition computes, remembered per range.</summary>
internal sealed class NaiveTree(IReadOnlyList<TreeHash> leaves)
{
    private readonly Dictionary<(int, int), TreeHash> known = [];

    /// <summary>Leaves that differ and follow from their index.</summary>
    public static TreeHash LeafAt(int index) => TreeHash.Leaf(BitConverter.GetBytes(index));

    public static NaiveTree OfSize(int size) => new([.. Enumerable.Range(0, size).Select(LeafAt)]);

    public TreeHash Root(int size) => Root(0, size);

    public List<TreeHash> Path(int index, int size) => Path(index, 0, size);

    public List<TreeHash> Proof(int oldSize, int size) => SubProof(oldSize, 0, size, true);

    private TreeHash Root(int start, int end)
    {
        if (known.TryGetValue((start, end), out var root))
        {
            return root;
        }

        return known[(start, end)] = (end - start) switch
        {
            0 => TreeHash.Empty,
            1 => leaves[start],
            var count => TreeHash.Node(Root(start, start + Split(count)), Root(start + Split(count), end)),
        };
    }

    private List<TreeHash> Path(int index, int start, int end)
    {
        if (end - start == 1)
        {
            return [];
        }

        var middle = start + Split(end - start);
        return index < middle ? [.. Path(index, start, middle), Root(middle, end)] : [.. Path(index, middle, end), Root(start, middle)];
    }

    private List<TreeHash> SubProof(int oldSize, int start, int end, bool whole)
    {
        if (oldSize == end)
        {
            return whole ? [] : [Root(start, end)];
        }

        var middle = start + Split(end - start);
        return oldSize <= middle
            ? [.. SubProof(oldSize, start, middle, whole), Root(middle, end)]
            : [.. SubProof(oldSize, middle, end, false), Root(start, middle)];
    }

    private static int Split(int count) => 1 << BitOperations.Log2((uint)count - 1);
}
