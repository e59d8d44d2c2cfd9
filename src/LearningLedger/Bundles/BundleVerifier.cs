using LearningLedger.Integrity;
using LearningLedger.Links;

namespace LearningLedger.Bundles;

/// <summary>
/// Checks a bundle from nothing but its bytes and a policy: signature and quorum, each leaf and its path, the commitments, the stream's versions and its head, and
/// last the transcript, folded anew from the proven events and compared line by line.
/// </summary>
public sealed class BundleVerifier
{
    private readonly BundleReport report = new();
    private readonly ProofBundle bundle;

    private BundleVerifier(ProofBundle bundle) => this.bundle = bundle;

    /// <summary>The verdict. Never throws, whatever the bytes.</summary>
    public static BundleReport Verify(ReadOnlySpan<byte> file, TrustPolicy policy)
    {
        ProofBundle bundle;
        try
        {
            bundle = ProofBundle.Parse(file);
        }
        catch (BundleException e)
        {
            var damaged = new BundleReport();
            damaged.Fail(e.Message);
            return damaged;
        }

        var verifier = new BundleVerifier(bundle);
        try
        {
            verifier.Check(policy);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A log's operator can commit to content of any shape. What breaks the fold fails; it must not break the verifier.
            verifier.report.Fail($"The bundle cannot be checked: {e.Message}");
            verifier.report.Lines = [.. bundle.Lines.Select(line => new LineVerdict(line, LineStatus.Failed))];
        }

        return verifier.report;
    }

    private void Check(TrustPolicy policy)
    {
        report.Lines = [.. bundle.Lines.Select(line => new LineVerdict(line, LineStatus.Failed))];
        if (bundle.Projection != BundleProjection.Current)
        {
            report.Fail($"The lines were made by {bundle.Projection.Name}/{bundle.Projection.Version}, which this verifier does not know.");
            return;
        }

        if (!TryTrust(policy, out var head))
        {
            return;
        }

        BundleStream[] streams = [new(bundle.Entries, bundle.Heads, bundle.Learner), .. bundle.Linked ?? []];
        var events = streams.Select(s => s.Entries.Select(entry => Proven(entry, head)).OfType<ProvenEvent>().ToList()).ToList();
        if (events.Zip(streams).Any(s => s.First.Count < s.Second.Entries.Count))
        {
            return;
        }

        new TimestampCheck(bundle, report).Check(head, policy);
        foreach (var (stream, proven) in streams.Zip(events))
        {
            new StreamCheck(stream, bundle.AsOf, report).Check(proven, head);
        }

        Links(events[0]);
        if (report.Failures.Count == 0)
        {
            Compare(events);
        }
    }

    /// <summary>Just those streams must be folded that the learner's own events say are linked at that moment.</summary>
    private void Links(List<ProvenEvent> own)
    {
        var linked = (bundle.Linked ?? []).Select(l => l.Learner).ToList();
        var said = LinkedStreams.At(BundleLines.Folded([own], bundle.AsOf).Select(e => e.Event?.Data).OfType<Events.ILedgerEvent>());
        if (!linked.SequenceEqual(said))
        {
            report.Fail($"The learner's own events say that these are linked: {(said.Count == 0 ? "none" : string.Join(' ', said))}; the bundle has other streams.");
        }
        else if (linked.Count > 0 && bundle.AsOf?.Version is not null)
        {
            report.Fail("Of several streams only a recorded time is a moment in the past: no version of one says where another stood.");
        }

        if (bundle.Heads is null || bundle.Linked?.Any(l => l.Heads is null) == true)
        {
            report.CompleteUntil = null;
        }
    }

    private bool TryTrust(TrustPolicy policy, out Checkpoint head)
    {
        head = null!;
        try
        {
            var note = SignedNote.Parse(bundle.Checkpoint);
            var trusted = policy.Judge(note);
            if (note.ToString() != bundle.Checkpoint)
            {
                throw new NoteException(NoteFault.Malformed, "The checkpoint is not written in its one form.");
            }

            (report.Checkpoint, head) = (trusted, trusted.Head);
            if (!trusted.HasQuorum)
            {
                report.Miss($"Too few of the policy's witnesses cosigned the checkpoint: {trusted.Cosignatures.Count} did.");
            }

            return true;
        }
        catch (NoteException e)
        {
            report.Fail(e.Message);
            return false;
        }
    }

    private ProvenEvent? Proven(BundleEntry entry, Checkpoint head)
    {
        try
        {
            var proven = new ProvenEvent(entry);
            if (!TreeProof.IsIncluded(TreeHash.Leaf(proven.LeafBytes), entry.Index, head.Size, [.. entry.Path], head.Root))
            {
                throw new BundleException($"Entry {entry.Index} is not in the log: its path does not lead to the root.");
            }

            if ((entry.Salt is null) != (proven.PayloadBytes is null) || entry.Salt is { Length: not Commitment.SaltBytes })
            {
                throw new BundleException($"Entry {entry.Index} must have content and a salt of {Commitment.SaltBytes} bytes, or neither.");
            }

            return proven.PayloadBytes is null || Commitment.Of(entry.Salt, proven.PayloadBytes) == proven.Leaf.Commitment
                ? proven
                : throw new BundleException($"The content of entry {entry.Index} is not what its leaf commits to.");
        }
        catch (BundleException e)
        {
            report.Fail(e.Message);
            return null;
        }
    }

    private void Compare(List<List<ProvenEvent>> streams)
    {
        var folded = BundleLines.Folded(streams, bundle.AsOf);
        var erasedUpTo = streams.ToDictionary(s => s[0].Leaf.Stream, s => s.FindLast(e => e.Leaf.Kind == EventLeafKind.Erasure)?.Leaf.Version ?? 0);
        var isWhole = folded.All(e => e.PayloadBytes is not null); // an erasure must not serve to leave out a revocation
        var expected = BundleLines.Of(bundle.Learner, folded).Select(Text).ToList();
        var due = expected.ToHashSet();
        var claimed = bundle.Lines.Select(Text).ToList();
        var statuses = claimed.Zip(bundle.Lines, (text, line) => !due.Contains(text) ? LineStatus.Failed
            : line.Kind != BundleLineKind.Event ? (isWhole ? LineStatus.Proven : LineStatus.Undisclosed)
            : line.Entries.All(index => folded.First(e => e.Entry.Index == index).Leaf is var leaf && leaf.Version < erasedUpTo[leaf.Stream]) ? LineStatus.Erased
            : LineStatus.Undisclosed);
        report.Lines = [.. bundle.Lines.Zip(statuses, (line, status) => new LineVerdict(line, status))];
        if (!claimed.SequenceEqual(expected))
        {
            var missing = due.Except(claimed).Count();
            report.Fail($"The lines are not those that follow from the events: {claimed.Count(line => !due.Contains(line))} differ, {missing} are missing.");
        }
    }

    private static string Text(BundleLine line) =>
        $"{line.Kind} [{string.Join(',', line.Entries)}] {Convert.ToBase64String(CanonicalJson.Bytes(line.Line))}";
}
