using System.Security.Cryptography;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Heads;

public class HeadsTests
{
    private static Guid Stream(int number) => new(SHA256.HashData(BitConverter.GetBytes(number)).AsSpan(0, 16));

    [Fact]
    public void Keeps_a_bucket_in_order_whatever_the_order_of_arrival()
    {
        byte[] one = [], other = [];
        for (var i = 0; i < 50; i++)
        {
            one = HeadsBucket.With(one, Stream(i), new StreamHead(i + 1, i));
            other = HeadsBucket.With(other, Stream(49 - i), new StreamHead(1, 0));
            other = HeadsBucket.With(other, Stream(49 - i), new StreamHead(50 - i, 49 - i));
        }

        Assert.Equal(one, other);
        Assert.Equal(50 * HeadsBucket.EntryBytes, one.Length);
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(new StreamHead(i + 1, i), HeadsBucket.Find(one, Stream(i))));
        Assert.Null(HeadsBucket.Find(one, Stream(50)));
        Assert.Null(HeadsBucket.Find([], Stream(0)));
    }

    [Fact]
    public void Takes_as_content_only_rising_keys_of_its_own_bucket()
    {
        var mates = Mates();
        var bucket = HeadsBucket.Of(mates[0]);
        var content = HeadsBucket.With(HeadsBucket.With([], mates[0], new(1, 2)), mates[1], new(3, 4));
        byte[] swapped = [.. content[HeadsBucket.EntryBytes..], .. content[..HeadsBucket.EntryBytes]];
        byte[] twice = [.. content[..HeadsBucket.EntryBytes], .. content[..HeadsBucket.EntryBytes]];

        Assert.True(HeadsBucket.IsContent(content, bucket));
        Assert.True(HeadsBucket.IsContent([], bucket));
        Assert.False(HeadsBucket.IsContent(content, bucket ^ 1));
        Assert.False(HeadsBucket.IsContent(swapped, bucket));
        Assert.False(HeadsBucket.IsContent(twice, bucket));
        Assert.False(HeadsBucket.IsContent(content.AsSpan(1), bucket));
    }

    [Fact]
    public void Proves_that_a_stream_ends_where_it_ends_or_does_not_exist()
    {
        var tree = new HeadsTree();
        var contents = new Dictionary<int, byte[]>();
        for (var i = 0; i < 3_000; i++)
        {
            var bucket = HeadsBucket.Of(Stream(i));
            tree.Set(bucket, contents[bucket] = HeadsBucket.With(contents.GetValueOrDefault(bucket, []), Stream(i), new(i, 2 * i)));
        }

        var root = tree.Root();
        for (var i = 0; i < 3_300; i += 100)
        {
            var bucket = HeadsBucket.Of(Stream(i));
            var content = contents.GetValueOrDefault(bucket, []);
            var path = tree.Path(bucket);
            Assert.Equal(16, path.Length);
            Assert.True(HeadsTree.Has(root, bucket, content, path));
            Assert.Equal(i < 3_000 ? new StreamHead(i, 2 * i) : null, HeadsBucket.Find(content, Stream(i)));
            Assert.False(HeadsTree.Has(root, bucket, HeadsBucket.With(content, Stream(i), new(i + 1, 2 * i)), path));
            Assert.Equal(content.Length == 0 && !contents.ContainsKey(bucket ^ 1), HeadsTree.Has(root, bucket ^ 1, content, path));
        }
    }

    [Fact]
    public void Has_the_root_of_the_definition_however_it_grew_and_from_the_tiles_it_gave()
    {
        var (one, two) = (new HeadsTree(), new HeadsTree());
        var contents = new Dictionary<int, byte[]>();
        var kept = new Dictionary<long, Tile>();
        Assert.Equal(NaiveRoot(contents), one.Root());
        for (var i = 0; i < 500; i++)
        {
            var bucket = HeadsBucket.Of(Stream(i));
            one.Set(bucket, contents[bucket] = HeadsBucket.With(contents.GetValueOrDefault(bucket, []), Stream(i), new(1, i)));
            if (i % 100 == 0)
            {
                one.Root(); // whatever was hashed already must be hashed anew where it changes
            }

            foreach (var tile in one.TakeTiles())
            {
                kept[tile.Id.Index] = tile;
            }
        }

        foreach (var (bucket, content) in contents)
        {
            two.Set(bucket, content);
        }

        var resumed = HeadsTree.Resume(kept.Values);
        Assert.Empty(one.TakeTiles());
        Assert.Equal(NaiveRoot(contents), one.Root());
        Assert.Equal(one.Root(), two.Root());
        Assert.Equal(one.Root(), resumed.Root());
        Assert.Equal(one.Path(77), resumed.Path(77));
    }

    private static TreeHash NaiveRoot(Dictionary<int, byte[]> contents)
    {
        var edge = new TreeEdge();
        for (var bucket = 0; bucket < HeadsTree.Buckets; bucket++)
        {
            edge.Append(TreeHash.Leaf(contents.GetValueOrDefault(bucket, [])));
        }

        return edge.Root();
    }

    private static List<Guid> Mates() =>
        [.. Enumerable.Range(0, 2_000).Select(Stream).GroupBy(HeadsBucket.Of).First(group => group.Count() > 1).OrderBy(s => Convert.ToHexString(HeadsBucket.Key(s)))];
}
