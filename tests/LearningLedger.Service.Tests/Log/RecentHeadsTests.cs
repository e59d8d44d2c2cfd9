using LearningLedger.Integrity;
using LearningLedger.Service.Log;

namespace LearningLedger.Service.Tests.Log;

public class RecentHeadsTests
{
    private const int Log = 7;

    private static readonly Guid A = Guid.Parse("0190b7a0-0000-7000-8000-00000000000a");
    private static readonly Guid B = Guid.Parse("0190b7a0-0000-7000-8000-00000000000b");

    [Fact]
    public void Runs_that_follow_each_other_are_taken_as_one()
    {
        var recent = new RecentHeads();
        recent.Keep(Log, Read(10, (A, 1), (B, 1)));
        recent.Keep(Log, Read(12, (A, 2)));

        var taken = recent.Take(Log)!;

        Assert.Equal((10, 13), (taken.From, taken.To));
        Assert.Equal(new StreamHead(2, 12), taken.Heads[A]);
        Assert.Equal(new StreamHead(1, 11), taken.Heads[B]);
        Assert.Null(recent.Take(Log));
    }

    [Fact]
    public void After_a_gap_only_what_came_after_it_is_kept()
    {
        var recent = new RecentHeads();
        recent.Keep(Log, Read(10, (A, 1), (B, 1)));
        recent.Keep(Log, Read(13, (A, 2)));

        var taken = recent.Take(Log)!;

        Assert.Equal((13, 14), (taken.From, taken.To));
        Assert.Equal([A], taken.Heads.Keys);
    }

    [Fact]
    public void Each_log_has_its_own()
    {
        var recent = new RecentHeads();
        recent.Keep(Log, Read(0, (A, 1)));
        recent.Keep(Log + 1, Read(0, (B, 1)));

        Assert.Equal([A], recent.Take(Log)!.Heads.Keys);
        Assert.Equal([B], recent.Take(Log + 1)!.Heads.Keys);
    }

    [Fact]
    public void A_version_logged_late_does_not_take_the_place_of_a_later_one()
    {
        var recent = new RecentHeads();
        recent.Keep(Log, Read(0, (A, 2), (A, 1)));
        recent.Keep(Log, Read(2, (A, 1)));

        Assert.Equal(new StreamHead(2, 0), recent.Take(Log)!.Heads[A]);
    }

    [Fact]
    public void More_streams_than_there_is_room_for_are_let_go()
    {
        var recent = new RecentHeads();
        recent.Keep(Log, Read(0, [.. Enumerable.Range(0, 30_000).Select(_ => (Guid.NewGuid(), 1L))]));
        recent.Keep(Log + 1, Read(0, [.. Enumerable.Range(0, 30_000).Select(_ => (Guid.NewGuid(), 1L))]));

        Assert.Null(recent.Take(Log));
        Assert.Null(recent.Take(Log + 1));
    }

    private static LeafHeads Read(long from, params (Guid Stream, long Version)[] leaves)
    {
        var heads = new LeafHeads(from);
        foreach (var (stream, version) in leaves)
        {
            heads.Add(heads.To, new EventLeaf(
                DateTimeOffset.UnixEpoch, TreeHash.Leaf([]), PayloadEncoding.Jcs, Guid.Empty, EventLeafKind.Event, version, stream, "default", "skill.attempted").Bytes());
        }

        return heads;
    }
}
