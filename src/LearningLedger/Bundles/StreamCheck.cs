using System.Text.Json;
using LearningLedger.Integrity;

namespace LearningLedger.Bundles;

/// <summary>Whether the entries are a learner's stream, without a gap, and all of it.</summary>
internal sealed class StreamCheck(BundleStream stream, BundleAsOf? asOf, BundleReport report)
{
    public void Check(List<ProvenEvent> events, Checkpoint head)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var leaf = events[i].Leaf;
            if (leaf.Stream != stream.Learner || leaf.Version != i + 1)
            {
                report.Fail($"Entry {events[i].Entry.Index} is version {leaf.Version} of stream {leaf.Stream}, not version {i + 1} of {stream.Learner}.");
                return;
            }

            if (leaf.Tenant != events[0].Leaf.Tenant || (i > 0 && events[i].Entry.Index <= events[i - 1].Entry.Index))
            {
                report.Fail($"Entry {events[i].Entry.Index} does not stand in the log as the stream's next event must.");
                return;
            }
        }

        if (events.Count == 0)
        {
            report.Fail("The bundle has no entries; a learner's stream has at least one event.");
        }
        else if (Included(events) is { } last && TryHeads(events[0].Leaf.Tenant, head, out var heads, out var end))
        {
            Compare(events, last, heads, end);
        }
    }

    /// <summary>How many events the transcript takes in; null where the moment in the past does not divide the entries as it must.</summary>
    private int? Included(List<ProvenEvent> events)
    {
        if (asOf is not null && (asOf.Recorded is null) == (asOf.Version is null))
        {
            report.Fail("A moment in the past is a recorded time or a version, and not both.");
            return null;
        }

        var last = asOf is null ? events.Count : events.FindIndex(e => !asOf.Includes(e.Leaf)) is >= 0 and var first ? first : events.Count;
        var isErased = events[^1].Leaf.Kind == EventLeafKind.Erasure;
        if (asOf?.Version is { } version && (version != last || (version != events.Count && !isErased)))
        {
            report.Fail($"The transcript as of version {version} must have just that many entries.");
            return null;
        }

        if ((events.Count > last + 1 && !isErased) || events.Skip(last).Any(e => e.PayloadBytes is not null))
        {
            report.Fail("Beyond the moment in the past only the next event belongs into the bundle, or all up to an erasure; each without its content.");
            return null;
        }

        return last;
    }

    private bool TryHeads(string tenant, Checkpoint head, out HeadsLeaf leaf, out StreamHead? end)
    {
        (leaf, end) = (null!, null);
        if (stream.Heads is not { } heads)
        {
            report.Miss("The bundle has no heads, so nothing shows that the stream has no later events.");
            return false;
        }

        try
        {
            var bytes = CanonicalJson.Bytes(heads.Leaf);
            leaf = LogLeaf.Parse(bytes) as HeadsLeaf ?? throw new BundleException("it is a leaf of another kind");
            var bucket = HeadsBucket.Of(stream.Learner);
            if (!TreeProof.IsIncluded(TreeHash.Leaf(bytes), heads.Index, head.Size, [.. heads.Path], head.Root))
            {
                throw new BundleException("it is not in the log");
            }

            if (leaf.Tenant != tenant || leaf.Covered > heads.Index || !HeadsTree.Has(leaf.Root, bucket, heads.Bucket, [.. heads.Proof]))
            {
                throw new BundleException("they do not have this bucket");
            }
        }
        catch (Exception e) when (e is BundleException or LeafException or CanonicalJsonException or JsonException)
        {
            report.Fail($"The heads of the streams at {heads.Index} prove nothing: {e.Message}.");
            return false;
        }

        end = HeadsBucket.Find(heads.Bucket, stream.Learner);
        return true;
    }

    private void Compare(List<ProvenEvent> events, int last, HeadsLeaf heads, StreamHead? end)
    {
        var version = end?.Version ?? 0;
        foreach (var e in events)
        {
            if (e.Leaf.Version <= version != e.Entry.Index < heads.Covered || (e.Leaf.Version == version && e.Entry.Index != end!.Value.LeafIndex))
            {
                report.Fail($"Entry {e.Entry.Index} does not fit the heads, which have version {version} as the stream's last before {heads.Covered}.");
                return;
            }
        }

        var made = LedgerJson.Text(heads.At);
        if (asOf is null && version > events.Count)
        {
            report.Fail($"The bundle hides events: the stream had {version} of them when the log had {heads.Covered} leaves ({made}), and {events.Count} are here.");
        }
        else if (asOf is { Recorded: { } time } && last == events.Count && version > last)
        {
            report.Fail($"The stream had {version} events at {made}; that version {last + 1} came after {LedgerJson.Text(time)} is not shown.");
        }
        else if (asOf is { Recorded: { } later } && last == events.Count && heads.At < later)
        {
            report.Miss($"The heads were made at {made}, before the moment asked for: later events may belong to it.");
        }
        else
        {
            report.CompleteUntil = report.CompleteUntil is { } other && other < heads.At ? other : heads.At;
            report.Note(version > last
                ? $"Complete as of that moment; the stream had {version} events when the log had {heads.Covered} leaves ({made})."
                : $"Complete as of {heads.Covered} leaves of the log ({made}): the stream then had {version} events.");
        }
    }
}
