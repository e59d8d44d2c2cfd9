namespace LearningLedger.Integrity;

/// <summary>That a leaf is in a log, to be checked offline: C2SP tlog-proof, stored as <c>*.tlog-proof</c>.</summary>
/// <param name="Index">The leaf, from 0.</param>
/// <param name="Path">Its inclusion proof.</param>
/// <param name="Checkpoint">The checkpoint, with its cosignatures.</param>
/// <param name="Extra">What else its maker put in, or null. Nothing vouches for it.</param>
public sealed record LogProof(long Index, IReadOnlyList<TreeHash> Path, SignedNote Checkpoint, ReadOnlyMemory<byte>? Extra = null)
{
    private const string FirstLine = "c2sp.org/tlog-proof@v1";
    private const string ExtraWord = "extra ";

    /// <summary>Reads a proof.</summary>
    /// <exception cref="NoteException">Not one.</exception>
    public static LogProof Parse(ReadOnlySpan<byte> utf8)
    {
        var (lines, checkpoint) = NoteLines.Divide(utf8);
        if (lines[0] != FirstLine)
        {
            throw NoteLines.Malformed($"A proof begins with {FirstLine}.");
        }

        ReadOnlyMemory<byte>? extra = null;
        var next = 1;
        if (lines.Length > next && lines[next].StartsWith(ExtraWord, StringComparison.Ordinal))
        {
            extra = NoteText.TryBase64(lines[next++][ExtraWord.Length..], out var bytes) ? bytes : throw NoteLines.Malformed("The extra line is not base64.");
        }

        return lines.Length > next
            ? new LogProof(NoteLines.Number(lines[next], "index"), NoteLines.Hashes(lines.AsSpan(next + 1)), checkpoint, extra)
            : throw NoteLines.Malformed("The proof has no index.");
    }

    /// <summary>The checkpoint, if the leaf is in the log it speaks of.</summary>
    /// <param name="leaf">Hash of the leaf.</param>
    /// <param name="policy">Whom to trust.</param>
    /// <exception cref="NoteException">The checkpoint is not one of the policy's logs, or the leaf is not in its tree.</exception>
    public TrustedCheckpoint Verify(TreeHash leaf, TrustPolicy policy)
    {
        var trusted = policy.Judge(Checkpoint);
        return TreeProof.IsIncluded(leaf, Index, trusted.Head.Size, [.. Path], trusted.Head.Root)
            ? trusted
            : throw new NoteException(NoteFault.Invalid, $"The proof does not lead from the leaf at {Index} to the root of {trusted.Head.Origin} at {trusted.Head.Size}.");
    }

    /// <summary>The proof as it is written.</summary>
    public override string ToString()
    {
        var extra = Extra is { } bytes ? $"{ExtraWord}{Convert.ToBase64String(bytes.Span)}\n" : "";
        return $"{FirstLine}\n{extra}index {NoteText.Number(Index)}\n{string.Concat(Path.Select(hash => $"{hash}\n"))}\n{Checkpoint}";
    }
}
