using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Trees;

/// <summary>Tiles against the definition.</summary>
public class TreeTests
{
    private const int Largest = 1025; // two full tiles of leaves beyond the first of the next level
    private static readonly NaiveTree Naive = NaiveTree.OfSize(Largest);

    private static IEnumerable<TreeHash> Leaves(int from, int to) => Enumerable.Range(from, to - from).Select(NaiveTree.LeafAt);

    [Fact]
    public void Has_the_root_of_the_definition_at_every_size()
    {
        var edge = new TreeEdge();
        for (var size = 0; size < Largest; edge.Append(NaiveTree.LeafAt(size++)))
        {
            Assert.Equal(Naive.Root(size), edge.Root());
        }

        Assert.Equal(Naive.Root(Largest), edge.Root());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(256)]
    [InlineData(1000)]
    public void Gives_the_same_tiles_whatever_the_batches(int batch)
    {
        var (one, other) = (new TileLog(), new TileLog());
        one.Grow(Leaves(0, Largest), batch);
        other.Grow(Leaves(0, Largest), Largest);

        Assert.Equal(
            other.Tiles.OrderBy(t => t.Id.Path).Select(t => (t.Id, Convert.ToHexString(t.Hashes))),
            one.Tiles.OrderBy(t => t.Id.Path).Select(t => (t.Id, Convert.ToHexString(t.Hashes))));
        Assert.All(one.Tiles, tile => Assert.Equal(TileId.WidthIn(Largest, tile.Id.Level, tile.Id.Index), tile.Id.Width));
    }

    [Fact]
    public void Goes_on_from_the_tiles_of_any_size()
    {
        var log = new TileLog();
        for (var size = 0; size < Largest; size++)
        {
            var resumed = TreeEdge.Resume(size, log.Read);
            Assert.Equal(Naive.Root(size), resumed.Root());
            Assert.Empty(resumed.TakeTiles());
            resumed.Append(NaiveTree.LeafAt(size));
            Assert.Equal(Naive.Root(size + 1), resumed.Root());

            log.Grow(Leaves(size, size + 1), 1);
            Assert.Equal(
                resumed.TakeTiles().Select(tile => (tile.Id, Convert.ToHexString(tile.Hashes))),
                log.Tiles.Where(tile => TileId.WidthIn(size, tile.Id.Level, tile.Id.Index) != tile.Id.Width).OrderByDescending(tile => tile.Id.IsFull)
                    .ThenBy(tile => tile.Id.Level).Select(tile => (tile.Id, Convert.ToHexString(tile.Hashes))));
        }
    }

    [Fact]
    public void Does_not_go_on_from_a_tile_that_is_cut_short()
    {
        var log = new TileLog();
        log.Grow(Leaves(0, 300), 300);

        Assert.Throws<InvalidDataException>(() => TreeEdge.Resume(300, id => log.Read(id)[..^1]));
    }

    [Fact]
    public void Makes_the_inclusion_proofs_of_the_definition_and_accepts_them()
    {
        foreach (var size in Sizes())
        {
            var log = new TileLog();
            log.Grow(Leaves(0, size), size);
            var root = Naive.Root(size);
            for (var index = 0; index < size; index += size < 70 ? 1 : 1 + (index * 7 % 13))
            {
                var path = ProofPlan.Inclusion(index, size).Hashes(log.Read);
                Assert.Equal(Naive.Path(index, size), path);
                Assert.True(TreeProof.IsIncluded(NaiveTree.LeafAt(index), index, size, path, root));
                Assert.False(TreeProof.IsIncluded(NaiveTree.LeafAt(index + 1), index, size, path, root));
            }
        }
    }

    [Fact]
    public void Makes_the_consistency_proofs_of_the_definition_and_accepts_them()
    {
        foreach (var size in Sizes())
        {
            var log = new TileLog();
            log.Grow(Leaves(0, size), size);
            for (var old = 1; old <= size; old += size < 70 ? 1 : 1 + (old * 7 % 13))
            {
                var proof = ProofPlan.Consistency(old, size).Hashes(log.Read);
                Assert.Equal(Naive.Proof(old, size), proof);
                Assert.True(TreeProof.IsConsistent(old, size, Naive.Root(old), Naive.Root(size), proof));
                Assert.False(TreeProof.IsConsistent(old, size, Naive.Root(old - 1), Naive.Root(size), proof));
                Assert.False(TreeProof.IsConsistent(old, size, Naive.Root(old), Naive.Root(size - 1), proof));
            }
        }
    }

    [Fact]
    public void Asks_for_few_tiles_and_takes_wider_ones()
    {
        var log = new TileLog();
        log.Grow(Leaves(0, 1025), 1025);
        var plan = ProofPlan.Inclusion(300, 1000);

        Assert.Equal([new TileId(0, 1), new TileId(0, 3, 232), new TileId(1, 0, 3)], plan.Tiles.OrderBy(tile => tile.Path));
        Assert.Equal(Naive.Path(300, 1000), plan.Hashes(log.Read));
    }

    [Fact]
    public void Refuses_a_proof_from_a_tile_that_is_cut_short()
    {
        var log = new TileLog();
        log.Grow(Leaves(0, 300), 300);

        Assert.Throws<InvalidDataException>(() => ProofPlan.Inclusion(0, 300).Hashes(id => log.Read(id)[..^32]));
    }

    // All small trees, and larger ones about every edge of tile and subtree.
    private static IEnumerable<int> Sizes() =>
        Enumerable.Range(1, 70).Concat([.. new[] { 128, 255, 256, 257, 258, 300, 511, 512, 513, 767, 768, 769, 1000, 1023, 1024, 1025 }]);
}
