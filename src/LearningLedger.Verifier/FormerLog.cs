using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary>The log before the one that is written to: whether the next one owns up to all of it that was seen.</summary>
/// <param name="log">The former log, of which the operator may serve what was restored.</param>
/// <param name="policy">Whom to trust.</param>
/// <param name="output">Takes what is found.</param>
internal sealed class FormerLog(TiledLog log, TrustPolicy policy, TextWriter output)
{
    /// <summary>What is wrong, or null; and whether nothing is missing between what was seen of the former log and its end.</summary>
    /// <param name="seen">The last that was seen of it.</param>
    /// <param name="first">First leaf of the next log.</param>
    /// <param name="next">Checkpoint of the next log.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NoteException">The checkpoint in the leaf is not one of a log of the policy.</exception>
    public async Task<(string? Fault, bool IsGapless)> FaultAsync(MonitorState seen, LogLeaf? first, Checkpoint next, CancellationToken cancellation)
    {
        var old = Checkpoint.Parse(seen.Note.Text);
        if (first is not EpochLeaf epoch)
        {
            return ($"This is the log {next.Origin}; the state is of {old.Origin}, and its first leaf does not say that it continues that.", true);
        }

        var end = policy.Judge(SignedNote.Parse(epoch.Note)).Head;
        output.WriteLine($"epoch        {end.Origin} ended at {end.Size} leaves, and was opened anew after a restore as {next.Origin} at {LedgerJson.Text(epoch.At)}");
        if (end.Origin != old.Origin)
        {
            return ($"The log {next.Origin} continues {end.Origin}; the one seen before is {old.Origin}.", true);
        }

        if (end.Size < old.Size)
        {
            return ($"The new log hides what was signed: it says that the former ended at {end.Size} leaves, and {old.Size} were seen.", true);
        }

        try
        {
            return await log.ContinuesAsync(old, end, cancellation)
                ? (null, true)
                : ($"The former log was forked: the {end.Size} leaves it is said to have ended with do not continue the {old.Size} seen before.", true);
        }
        catch (Exception e) when (e is InvalidDataException or HttpRequestException)
        {
            output.WriteLine($"not shown    What the former log signed between {old.Size} and {end.Size} leaves was lost before it was seen here: whether it continued the {old.Size} cannot be told.");
            return (null, false);
        }
    }
}
