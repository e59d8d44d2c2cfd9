using LearningLedger.Integrity;

namespace LearningLedger.Service.Log;

/// <summary>Where the streams end whose leaves were read back of late, so that a heads leaf need not read them once more.</summary>
/// <remarks>Only a help: what is not here is read.</remarks>
public sealed class RecentHeads
{
    /// <summary>Streams kept, of all logs together.</summary>
    private const int Most = 50_000;

    private readonly Lock turn = new();
    private Dictionary<int, LeafHeads> logs = [];
    private int kept;

    /// <summary>Keeps what a log's leaves say that were just found to be in order.</summary>
    public void Keep(int log, LeafHeads read)
    {
        lock (turn)
        {
            var known = logs.GetValueOrDefault(log);
            if (known?.To != read.From)
            {
                logs[log] = read;
                kept += read.Heads.Count - (known?.Heads.Count ?? 0);
            }
            else
            {
                var before = known.Heads.Count;
                known.Add(read);
                kept += known.Heads.Count - before;
            }

            if (kept > Most)
            {
                (logs, kept) = ([], 0);
            }
        }
    }

    /// <summary>Takes what is kept of a log; null: nothing.</summary>
    public LeafHeads? Take(int log)
    {
        lock (turn)
        {
            if (logs.Remove(log, out var known))
            {
                kept -= known.Heads.Count;
            }

            return known;
        }
    }
}

/// <summary>Where the streams end that a run of leaves belongs to.</summary>
/// <param name="from">Index of the first leaf.</param>
public sealed class LeafHeads(long from)
{
    private readonly Dictionary<Guid, StreamHead> heads = [];

    /// <summary>Index of the first leaf.</summary>
    public long From { get; } = from;

    /// <summary>Index after that of the last leaf.</summary>
    public long To { get; private set; } = from;

    /// <summary>The last version of each stream, and its leaf.</summary>
    public IReadOnlyDictionary<Guid, StreamHead> Heads => heads;

    /// <summary>Adds a leaf that comes after those that are here.</summary>
    /// <exception cref="LeafException">It is none.</exception>
    public void Add(long index, ReadOnlySpan<byte> leaf)
    {
        if (LogLeaf.Parse(leaf) is EventLeaf known)
        {
            Add(known.Stream, new StreamHead(known.Version, index));
        }

        Reach(index + 1);
    }

    /// <summary>Adds the leaves that come next, or some of which are here already.</summary>
    public void Add(LeafHeads next)
    {
        foreach (var (stream, head) in next.Heads)
        {
            Add(stream, head);
        }

        Reach(next.To);
    }

    /// <summary>Says that all leaves before an index that are there were added.</summary>
    public void Reach(long index) => To = Math.Max(To, index);

    // A version that was logged late does not take the place of a later one.
    private void Add(Guid stream, StreamHead head)
    {
        if (!(heads.TryGetValue(stream, out var known) && known.Version > head.Version))
        {
            heads[stream] = head;
        }
    }
}
