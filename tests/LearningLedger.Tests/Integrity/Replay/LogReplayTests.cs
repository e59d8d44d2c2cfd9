using LearningLedger.Integrity;
using LearningLedger.Tests.Integrity.Trees;

namespace LearningLedger.Tests.Integrity.Replay;

public class LogReplayTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static Guid Stream(int n) => new(n, 0, 0, new byte[8]);

    private static EventLeaf Event(int stream, long version, double minutes = 0, string tenant = "default") => new(
        Start.AddMinutes(minutes), TreeHash.Empty, PayloadEncoding.Jcs, Guid.Empty, EventLeafKind.Event, version, Stream(stream), tenant, "skill.attempted");

    private static LogReplay Replay(params LogLeaf[] leaves)
    {
        var replay = new LogReplay(TimeSpan.FromMinutes(5));
        foreach (var leaf in leaves)
        {
            var read = LogReplay.Read(leaf.Bytes());
            Assert.Equal(new ReadLeaf(TreeHash.Leaf(leaf.Bytes()), leaf, null), read);
            replay.Add(read);
        }

        return replay;
    }

    private static HeadsLeaf Heads(long at, params (int Stream, StreamHead Head)[] heads)
    {
        var tree = new HeadsTree();
        var contents = new Dictionary<int, byte[]>();
        foreach (var (stream, head) in heads)
        {
            var bucket = HeadsBucket.Of(Stream(stream));
            tree.Set(bucket, contents[bucket] = HeadsBucket.With(contents.GetValueOrDefault(bucket, []), Stream(stream), head));
        }

        return new HeadsLeaf(Start, "default", at, tree.Root(), heads.Length);
    }

    private static (long, LogFault) Only(LogReplay replay) => Assert.Single(replay.Findings) is var f ? (f.Index, f.Fault) : default;

    [Fact]
    public void Finds_nothing_wrong_with_a_log_that_is_right()
    {
        var replay = Replay(
            new EpochLeaf(Start, "default", "x"), Event(1, 1), Event(2, 1), Event(1, 2), Heads(4, (1, new(2, 3)), (2, new(1, 2))),
            Event(2, 2, minutes: 9), Heads(6, (2, new(2, 5)), (1, new(2, 3))) with { At = Start.AddMinutes(9) }, new ReportLeaf(Start.AddMinutes(8), "default", TreeHash.Empty, Guid.Empty, 4, "funnel/1"));

        Assert.Empty(replay.Findings);
        Assert.Equal((8, 2, 2), (replay.Size, replay.Streams, replay.HeadsChecked));
        Assert.Equal(Start.AddMinutes(9), replay.Newest);
        Assert.Single(replay.TakeTiles());
    }

    [Fact]
    public void Goes_on_from_a_snapshot_as_if_it_had_never_stopped()
    {
        LogLeaf[] leaves =
        [
            Event(1, 1), Event(2, 1), Event(1, 2), Heads(3, (1, new(2, 2)), (2, new(1, 1))), Event(2, 2, minutes: 9), Event(3, 1, minutes: 9),
            Heads(6, (2, new(2, 4)), (1, new(2, 2)), (3, new(1, 5))) with { At = Start.AddMinutes(9) }, Event(3, 2, minutes: 10), Event(3, 3, minutes: 10),
        ];
        for (var stop = 0; stop <= leaves.Length; stop++)
        {
            var replay = LogReplay.Resume(Replay(leaves[..stop]).Snapshot(), TimeSpan.FromMinutes(5));
            foreach (var leaf in leaves[stop..])
            {
                replay.Add(LogReplay.Read(leaf.Bytes()));
            }

            var whole = Replay(leaves);
            Assert.Empty(replay.Findings);
            Assert.Equal((whole.Size, whole.Root(), whole.Streams, whole.HeadsChecked, whole.Newest), (replay.Size, replay.Root(), replay.Streams, replay.HeadsChecked, replay.Newest));
            Assert.Equal((whole.WithoutHeadsSince, whole.Snapshot().Length), (replay.WithoutHeadsSince, replay.Snapshot().Length));
            replay.Add(LogReplay.Read(Event(3, 5, minutes: 11).Bytes()));
            Assert.Equal((9, LogFault.VersionGap), Only(replay));
        }
    }

    [Fact]
    public void Refuses_a_snapshot_that_is_cut_short_or_too_long()
    {
        var snapshot = Replay(Event(1, 1), Event(2, 1)).Snapshot();

        Assert.Throws<InvalidDataException>(() => LogReplay.Resume(snapshot[..^1], TimeSpan.Zero));
        Assert.Throws<InvalidDataException>(() => LogReplay.Resume([.. snapshot, 0], TimeSpan.Zero));
        Assert.Throws<InvalidDataException>(() => LogReplay.Resume(snapshot[..20], TimeSpan.Zero));
    }

    [Fact]
    public void Finds_a_leaf_that_came_after_a_time_it_claims_to_be_older_than()
    {
        var replay = Replay(Event(1, 1));
        replay.CameAfter(Start.AddMinutes(20));

        replay.Add(LogReplay.Read(Event(1, 2, minutes: 14).Bytes()));

        Assert.Equal((1, LogFault.BackDated), Only(replay));
        Assert.Equal(Start.AddMinutes(14), replay.Newest);
    }

    [Fact]
    public void Has_the_root_of_the_leaves_whatever_they_are()
    {
        var replay = new LogReplay(TimeSpan.MaxValue);
        Assert.Null(replay.Newest);
        foreach (var i in Enumerable.Range(0, 300))
        {
            replay.Add(LogReplay.Read(BitConverter.GetBytes(i)));
        }

        Assert.Equal(NaiveTree.OfSize(300).Root(300), replay.Root());
        Assert.Equal(LogReplay.MostFindings, replay.Findings.Count);
        Assert.All(replay.Findings, f => Assert.Equal(LogFault.NotALeaf, f.Fault));
    }

    [Fact]
    public void Finds_a_version_left_out_or_there_twice()
    {
        Assert.Equal((2, LogFault.VersionGap), Only(Replay(Event(1, 1), Event(2, 1), Event(1, 3))));
        Assert.Equal((1, LogFault.VersionGap), Only(Replay(Event(1, 1), Event(1, 1), Event(1, 2))));
        Assert.Equal((0, LogFault.VersionGap), Only(Replay(Event(1, 2))));
    }

    [Fact]
    public void Finds_a_leaf_that_claims_to_be_older_than_its_place()
    {
        Assert.Equal((1, LogFault.BackDated), Only(Replay(Event(1, 1, minutes: 9), Event(1, 2, minutes: 3), Event(1, 3, minutes: 5))));
        Assert.Empty(Replay(Event(1, 1, minutes: 9), Event(1, 2, minutes: 4)).Findings);
    }

    [Fact]
    public void Takes_up_in_a_log_that_was_opened_after_a_restore_what_was_recorded_long_before_but_only_in_its_order()
    {
        LogLeaf[] leaves =
        [
            new EpochLeaf(Start.AddDays(9), "default", "x"), Event(1, 1), Event(2, 1, minutes: 900),
            Heads(3, (1, new(1, 1)), (2, new(1, 2))) with { At = Start.AddDays(9) }, Event(1, 2, minutes: 1_000),
        ];
        for (var stop = 1; stop <= leaves.Length; stop++)
        {
            var replay = LogReplay.Resume(Replay(leaves[..stop]).Snapshot(), TimeSpan.FromMinutes(5));
            replay.CameAfter(Start.AddDays(9));
            foreach (var leaf in leaves[stop..])
            {
                replay.Add(LogReplay.Read(leaf.Bytes()));
            }

            Assert.Empty(replay.Findings);
            replay.Add(LogReplay.Read(Event(2, 2, minutes: 950).Bytes()));
            Assert.Equal((5, LogFault.BackDated), Only(replay));
        }
    }

    [Fact]
    public void Finds_heads_that_leave_a_version_or_a_stream_out_or_speak_of_another_size()
    {
        Assert.Equal((2, LogFault.WrongHeads), Only(Replay(Event(1, 1), Event(1, 2), Heads(2, (1, new(1, 0))))));
        Assert.Equal((2, LogFault.WrongHeads), Only(Replay(Event(1, 1), Event(2, 1), Heads(2, (1, new(1, 0))))));
        Assert.Equal((2, LogFault.WrongHeads), Only(Replay(Event(1, 1), Event(2, 1), Heads(2, (1, new(1, 0)), (2, new(1, 1))) with { Streams = 3 })));
        Assert.Equal((2, LogFault.WrongHeads), Only(Replay(Event(1, 1), Event(2, 1), Heads(1, (1, new(1, 0))))));
    }

    [Fact]
    public void Finds_another_tenant_s_leaf_and_an_epoch_within()
    {
        Assert.Equal((1, LogFault.OtherTenant), Only(Replay(Event(1, 1), Event(2, 1, tenant: "acme"))));
        Assert.Equal((1, LogFault.EpochWithin), Only(Replay(Event(1, 1), new EpochLeaf(Start, "default", "x"))));
    }
}
