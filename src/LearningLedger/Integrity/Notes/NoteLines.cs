namespace LearningLedger.Integrity;

/// <summary>The part above the empty line that tlog-proof and tlog-witness put before a checkpoint.</summary>
internal static class NoteLines
{
    /// <summary>Divides at the first empty line.</summary>
    /// <exception cref="NoteException">There is none.</exception>
    public static (string[] Lines, SignedNote Checkpoint) Divide(ReadOnlySpan<byte> utf8)
    {
        var text = NoteText.Text(utf8);
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        return end < 0 ? throw Malformed("An empty line must stand before the checkpoint.") : (text[..end].Split('\n'), SignedNote.Parse(text[(end + 2)..]));
    }

    /// <summary>Reads lines that hold a hash each.</summary>
    public static TreeHash[] Hashes(ReadOnlySpan<string> lines)
    {
        if (lines.Length > TreeProof.LongestPath)
        {
            throw Malformed($"A proof has at most {TreeProof.LongestPath} hashes.");
        }

        var hashes = new TreeHash[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            if (!TreeHash.TryParse(lines[i], out hashes[i]))
            {
                throw Malformed("A line of a proof is not a hash.");
            }
        }

        return hashes;
    }

    /// <summary>The number behind a word and a space.</summary>
    public static long Number(string line, string word) =>
        line.StartsWith(word + " ", StringComparison.Ordinal) && NoteText.TryNumber(line[(word.Length + 1)..], out var number)
            ? number
            : throw Malformed($"The line \"{word} N\" is missing or holds no number.");

    public static NoteException Malformed(string message) => new(NoteFault.Malformed, message);
}
