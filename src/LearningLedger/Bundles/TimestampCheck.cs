using LearningLedger.Integrity;

namespace LearningLedger.Bundles;

/// <summary>What a bundle's timestamps say: since when the log held its events, on the word of somebody who has no part in it.</summary>
internal sealed class TimestampCheck(ProofBundle bundle, BundleReport report)
{
    public void Check(Checkpoint head, TrustPolicy policy)
    {
        foreach (var stamp in bundle.Timestamps ?? [])
        {
            try
            {
                Check(stamp, head, policy);
            }
            catch (NoteException e)
            {
                report.Fail(e.Message);
            }
        }
    }

    private void Check(BundleTimestamp stamp, Checkpoint head, TrustPolicy policy)
    {
        var note = SignedNote.Parse(stamp.Checkpoint);
        var stamped = policy.Judge(note).Head;
        if (note.ToString() != stamp.Checkpoint || stamped.Origin != head.Origin || !TreeProof.IsConsistent(stamped.Size, head.Size, stamped.Root, head.Root, [.. stamp.Proof]))
        {
            report.Fail("A timestamp is for a checkpoint that the bundle's does not continue.");
            return;
        }

        var (time, authority) = new TimeToken(note, stamp.Token).Verify(policy.Authorities);
        var entries = bundle.Entries.Concat((bundle.Linked ?? []).SelectMany(l => l.Entries)).ToList();
        var covered = entries.Count(entry => entry.Index < stamped.Size);
        if (authority is null)
        {
            report.Note($"A timestamp of {LedgerJson.Text(time)} is not of an authority that the policy names (#tsa), and counts for nothing.");
            return;
        }

        report.Note($"{authority.Name} stamped the log at {LedgerJson.Text(time)}: {covered} of the {entries.Count} events were in it by then.");
        if (covered == entries.Count && (report.LoggedBy is null || time < report.LoggedBy))
        {
            report.LoggedBy = time;
        }
    }
}
