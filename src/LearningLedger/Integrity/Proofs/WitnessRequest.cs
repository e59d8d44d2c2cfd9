namespace LearningLedger.Integrity;

/// <summary>A log asks a witness to cosign: the body of C2SP tlog-witness's <c>add-checkpoint</c>.</summary>
/// <param name="OldSize">Size of the checkpoint the witness cosigned last; 0: none.</param>
/// <param name="Proof">That the checkpoint continues that one.</param>
/// <param name="Checkpoint">The checkpoint.</param>
public sealed record WitnessRequest(long OldSize, IReadOnlyList<TreeHash> Proof, SignedNote Checkpoint)
{
    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="NoteException">Not one: 400.</exception>
    public static WitnessRequest Parse(ReadOnlySpan<byte> utf8)
    {
        var (lines, checkpoint) = NoteLines.Divide(utf8);
        return new WitnessRequest(NoteLines.Number(lines[0], "old"), NoteLines.Hashes(lines.AsSpan(1)), checkpoint);
    }

    /// <summary>Decides. The caller must have written the checkpoint down before it cosigns, and must do both in one step.</summary>
    /// <param name="logs">The logs this witness serves.</param>
    /// <param name="latest">The checkpoint of this origin it cosigned last; null: none.</param>
    public WitnessVerdict Judge(IEnumerable<VerifierKey> logs, Checkpoint? latest)
    {
        Checkpoint head;
        try
        {
            head = Integrity.Checkpoint.Parse(Checkpoint.Text);
            var own = logs.Where(key => key.Name == head.Origin).ToList();
            if (own.Count == 0)
            {
                return WitnessVerdict.Refused(WitnessStatus.UnknownLog, $"This witness does not know {head.Origin}.");
            }

            if (Checkpoint.Verify(own).Count == 0)
            {
                return WitnessVerdict.Refused(WitnessStatus.NotSigned, "No signature of the log.");
            }
        }
        catch (NoteException e)
        {
            return WitnessVerdict.Refused(e.Fault == NoteFault.Invalid ? WitnessStatus.NotSigned : WitnessStatus.Malformed, e.Message);
        }

        var cosigned = latest?.Size ?? 0;
        return OldSize > head.Size ? WitnessVerdict.Refused(WitnessStatus.Malformed, "The old size is beyond the checkpoint's.")
            : OldSize != cosigned ? new WitnessVerdict(WitnessStatus.Stale, $"{NoteText.Number(cosigned)}\n", null)
            : Continues(head, latest) ? new WitnessVerdict(WitnessStatus.Cosign, "", head)
            : WitnessVerdict.Refused(WitnessStatus.Inconsistent, "The checkpoint does not continue the one cosigned last.");
    }

    /// <summary>The body as it is written.</summary>
    public override string ToString() => $"old {NoteText.Number(OldSize)}\n{string.Concat(Proof.Select(hash => $"{hash}\n"))}\n{Checkpoint}";

    private bool Continues(Checkpoint head, Checkpoint? latest) => OldSize == 0
        ? Proof.Count == 0 && (head.Size > 0 || head.Root == TreeHash.Empty)
        : TreeProof.IsConsistent(OldSize, head.Size, latest!.Root, head.Root, [.. Proof]);
}

/// <summary>What a witness answers; the numbers are the HTTP statuses.</summary>
public enum WitnessStatus
{
    /// <summary>It cosigns.</summary>
    Cosign = 200,

    /// <summary>The request cannot be.</summary>
    Malformed = 400,

    /// <summary>The log did not sign.</summary>
    NotSigned = 403,

    /// <summary>The witness does not serve this log.</summary>
    UnknownLog = 404,

    /// <summary>The old size is not that of the checkpoint cosigned last. The answer's body is that size, its type <c>text/x.tlog.size</c>.</summary>
    Stale = 409,

    /// <summary>The checkpoint does not continue the one cosigned last.</summary>
    Inconsistent = 422,
}

/// <summary>A witness's decision.</summary>
/// <param name="Status">What.</param>
/// <param name="Body">The answer's body; empty where the witness has to cosign first.</param>
/// <param name="Head">The checkpoint to cosign, or null.</param>
public sealed record WitnessVerdict(WitnessStatus Status, string Body, Checkpoint? Head)
{
    internal static WitnessVerdict Refused(WitnessStatus status, string why) => new(status, why + "\n", null);
}
