using System.Runtime.InteropServices;

namespace LearningLedger.Integrity;

/// <summary>
/// A log read anew from its leaves, first to last: its tree, and whether it holds what a tenant's log must. What the leaves cannot show is whether
/// anybody was shown another log; that takes checkpoints others kept.
/// </summary>
/// <param name="patience">How much later than others a leaf may come than its recorded time says, before it looks back-dated.</param>
public sealed partial class LogReplay(TimeSpan patience)
{
    /// <summary>How many findings are kept; a log of rubbish has one for each leaf.</summary>
    public const int MostFindings = 100;

    private TreeEdge edge = new();
    private readonly Dictionary<Guid, End> ends = [];
    private readonly List<End> changed = [];
    private readonly Dictionary<int, byte[]> buckets = [];
    private readonly HeadsTree heads = new();
    private readonly List<LogFinding> findings = [];
    private DateTimeOffset newest = DateTimeOffset.MinValue;
    private DateTimeOffset watched = DateTimeOffset.MinValue;
    private DateTimeOffset newestEvent = DateTimeOffset.MinValue;
    private DateTimeOffset reopened = DateTimeOffset.MinValue;
    private string? tenant;

    /// <summary>Leaves so far.</summary>
    public long Size => edge.Size;

    /// <summary>Streams so far.</summary>
    public int Streams => ends.Count;

    /// <summary>Heads leaves so far, each of which was computed anew.</summary>
    public int HeadsChecked { get; private set; }

    /// <summary>The latest recorded time of a leaf; null before the first.</summary>
    public DateTimeOffset? Newest => newest == DateTimeOffset.MinValue ? null : newest;

    /// <summary>The recorded time of the first event that no heads leaf speaks of yet; null where there is none. If it lies long back, the log withholds its heads.</summary>
    public DateTimeOffset? WithoutHeadsSince { get; private set; }

    /// <summary>What is wrong, the first <see cref="MostFindings"/> of it.</summary>
    public IReadOnlyList<LogFinding> Findings => findings;

    /// <summary>The root of the leaves so far.</summary>
    public TreeHash Root() => edge.Root();

    /// <summary>Tiles that came or grew since the last call.</summary>
    public IReadOnlyList<Tile> TakeTiles() => edge.TakeTiles();

    /// <summary>Reads a leaf. Costs the most and needs no order, so it may be done ahead and by several threads.</summary>
    /// <param name="bytes">Its bytes.</param>
    public static ReadLeaf Read(ReadOnlySpan<byte> bytes)
    {
        var hash = TreeHash.Leaf(bytes);
        try
        {
            return new ReadLeaf(hash, LogLeaf.Parse(bytes), null);
        }
        catch (LeafException e)
        {
            return new ReadLeaf(hash, null, e.Message);
        }
    }

    /// <summary>Whoever reads leaves as they come knows that those from here on were not there at a time, whatever they claim.</summary>
    public void CameAfter(DateTimeOffset time) => watched = time > watched ? time : watched;

    /// <summary>Takes the next leaf.</summary>
    public void Add(ReadLeaf read)
    {
        var index = Size;
        edge.Append(read.Hash);
        if (read.Leaf is not { } leaf)
        {
            Find(index, LogFault.NotALeaf, read.Fault!);
            return;
        }

        tenant ??= leaf.Tenant;
        if (leaf.Tenant != tenant)
        {
            Find(index, LogFault.OtherTenant, $"belongs to {leaf.Tenant}, the log to {tenant}");
        }

        // A log that continues another after a restore takes up what was recorded before it was opened, however long ago, in the order of then.
        var after = leaf.At <= reopened ? newestEvent : newest > watched ? newest : watched;
        if (after - leaf.At > patience)
        {
            Find(index, LogFault.BackDated, $"claims to be of {LogLeaf.Text(leaf.At)}; it came after {LogLeaf.Text(after)}");
        }

        newest = leaf.At > newest ? leaf.At : newest;
        switch (leaf)
        {
            case EventLeaf e:
                Take(e, index);
                break;
            case HeadsLeaf h:
                Check(h, index);
                break;
            case EpochLeaf when index == 0:
                reopened = leaf.At;
                break;
            case EpochLeaf:
                Find(index, LogFault.EpochWithin, "begins another epoch, which only the first leaf of a log may");
                break;
        }
    }

    private void Take(EventLeaf leaf, long index)
    {
        ref var end = ref CollectionsMarshal.GetValueRefOrAddDefault(ends, leaf.Stream, out _);
        end ??= new End(HeadsBucket.Key(leaf.Stream));
        WithoutHeadsSince ??= leaf.At;
        newestEvent = leaf.At > newestEvent ? leaf.At : newestEvent;
        if (leaf.Version != end.Head.Version + 1)
        {
            Find(index, LogFault.VersionGap, $"is version {leaf.Version} of stream {leaf.Stream}, of which the last was {end.Head.Version}");
        }

        if (leaf.Version > end.Head.Version)
        {
            end.Head = new StreamHead(leaf.Version, index);
            if (!end.IsChanged)
            {
                end.IsChanged = true;
                changed.Add(end);
            }
        }
    }

    private void Check(HeadsLeaf leaf, long index)
    {
        HeadsChecked++;
        if (leaf.Covered != index)
        {
            Find(index, LogFault.WrongHeads, $"has the heads before {leaf.Covered}, which are not those before it");
            return;
        }

        // Most of what a replay does, so all cores do it.
        var grown = changed.GroupBy(end => HeadsBucket.Of(end.Key)).ToArray();
        var made = new (byte[] Content, TreeHash Hash)[grown.Length];
        HeadsTree.Share(grown.Length, i =>
        {
            var content = buckets.GetValueOrDefault(grown[i].Key, []);
            foreach (var end in grown[i])
            {
                content = HeadsBucket.With(content, end.Key, end.Head);
                end.IsChanged = false;
            }

            made[i] = (content, TreeHash.Leaf(content));
        });
        foreach (var (bucket, (content, hash)) in grown.Zip(made))
        {
            buckets[bucket.Key] = content;
            heads.Set(bucket.Key, hash);
        }

        changed.Clear();
        WithoutHeadsSince = null;
        if (leaf.Root != heads.Root() || leaf.Streams != ends.Count)
        {
            Find(index, LogFault.WrongHeads, $"has other heads than follow from the leaves before it ({ends.Count} streams)");
        }
    }

    private void Find(long index, LogFault fault, string what)
    {
        if (findings.Count < MostFindings)
        {
            findings.Add(new LogFinding(index, fault, what));
        }
    }

    /// <summary>Where a stream ends so far.</summary>
    private sealed class End(byte[] key)
    {
        public byte[] Key => key;

        public StreamHead Head { get; set; }

        /// <summary>Since the last heads.</summary>
        public bool IsChanged { get; set; }
    }
}

/// <summary>A leaf that was read.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Leaf">The leaf; null if the bytes are none.</param>
/// <param name="Fault">Why not; null if they are.</param>
public readonly record struct ReadLeaf(TreeHash Hash, LogLeaf? Leaf, string? Fault);

/// <summary>Something wrong with a log.</summary>
/// <param name="Index">The leaf.</param>
/// <param name="Fault">What kind.</param>
/// <param name="What">The same for people, to be read after "leaf N".</param>
public sealed record LogFinding(long Index, LogFault Fault, string What);

/// <summary>What can be wrong with a log.</summary>
public enum LogFault
{
    /// <summary>Bytes that are no leaf.</summary>
    NotALeaf,

    /// <summary>Another tenant's leaf.</summary>
    OtherTenant,

    /// <summary>A version of a stream is missing, or is there twice: an event was deleted before it was logged, or put in between.</summary>
    VersionGap,

    /// <summary>Recorded long before its neighbours, it says; yet it came after them.</summary>
    BackDated,

    /// <summary>Heads that do not follow from the leaves.</summary>
    WrongHeads,

    /// <summary>An epoch that does not begin the log.</summary>
    EpochWithin,
}
