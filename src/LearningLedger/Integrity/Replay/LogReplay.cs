using System.Runtime.InteropServices;

namespace LearningLedger.Integrity;

/// <summary>
/// A log read anew from its leaves, first to last: its tree, and whether it holds what a tenant's log must. What the leaves cannot show is whether
/// anybody was shown another log; that takes checkpoints others kept.
/// </summary>
/// <param name="patience">How much later than others a leaf may come than its recorded time says, before it looks back-dated.</param>
public sealed class LogReplay(TimeSpan patience)
{
    /// <summary>How many findings are kept; a log of rubbish has one for each leaf.</summary>
    public const int MostFindings = 100;

    private readonly TreeEdge edge = new();
    private readonly Dictionary<Guid, StreamHead> ends = [];
    private readonly HashSet<Guid> changed = [];
    private readonly Dictionary<int, byte[]> buckets = [];
    private readonly HeadsTree heads = new();
    private readonly List<LogFinding> findings = [];
    private DateTimeOffset newest = DateTimeOffset.MinValue;
    private string? tenant;

    /// <summary>Leaves so far.</summary>
    public long Size => edge.Size;

    /// <summary>Streams so far.</summary>
    public int Streams => ends.Count;

    /// <summary>Heads leaves so far, each of which was computed anew.</summary>
    public int HeadsChecked { get; private set; }

    /// <summary>The latest recorded time of a leaf; null before the first.</summary>
    public DateTimeOffset? Newest => newest == DateTimeOffset.MinValue ? null : newest;

    /// <summary>What is wrong, the first <see cref="MostFindings"/> of it.</summary>
    public IReadOnlyList<LogFinding> Findings => findings;

    /// <summary>The root of the leaves so far.</summary>
    public TreeHash Root() => edge.Root();

    /// <summary>Tiles that came or grew since the last call.</summary>
    public IReadOnlyList<Tile> TakeTiles() => edge.TakeTiles();

    /// <summary>Takes the next leaf.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <returns>The leaf; null if it is none.</returns>
    public LogLeaf? Add(ReadOnlySpan<byte> bytes)
    {
        var index = Size;
        edge.Append(TreeHash.Leaf(bytes));
        LogLeaf leaf;
        try
        {
            leaf = LogLeaf.Parse(bytes);
        }
        catch (LeafException e)
        {
            Find(index, LogFault.NotALeaf, e.Message);
            return null;
        }

        tenant ??= leaf.Tenant;
        if (leaf.Tenant != tenant)
        {
            Find(index, LogFault.OtherTenant, $"belongs to {leaf.Tenant}, the log to {tenant}");
        }

        if (newest - leaf.At > patience)
        {
            Find(index, LogFault.BackDated, $"claims to be of {LogLeaf.Text(leaf.At)}; leaves before it are of {LogLeaf.Text(newest)}");
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
            case EpochLeaf when index > 0:
                Find(index, LogFault.EpochWithin, "begins another epoch, which only the first leaf of a log may");
                break;
        }

        return leaf;
    }

    private void Take(EventLeaf leaf, long index)
    {
        ref var end = ref CollectionsMarshal.GetValueRefOrAddDefault(ends, leaf.Stream, out _);
        if (leaf.Version != end.Version + 1)
        {
            Find(index, LogFault.VersionGap, $"is version {leaf.Version} of stream {leaf.Stream}, of which the last was {end.Version}");
        }

        if (leaf.Version > end.Version)
        {
            end = new StreamHead(leaf.Version, index);
            changed.Add(leaf.Stream);
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

        foreach (var stream in changed)
        {
            var bucket = HeadsBucket.Of(stream);
            heads.Set(bucket, buckets[bucket] = HeadsBucket.With(buckets.GetValueOrDefault(bucket, []), stream, ends[stream]));
        }

        changed.Clear();
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
}

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
