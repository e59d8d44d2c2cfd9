namespace LearningLedger.Integrity;

/// <summary>The head of a log: C2SP tlog-checkpoint. As the text of a signed note it is the log's promise never to say otherwise.</summary>
/// <param name="Origin">The log's name; one line, not empty.</param>
/// <param name="Size">Leaves of the tree.</param>
/// <param name="Root">Root of the tree.</param>
public sealed record Checkpoint(string Origin, long Size, TreeHash Root)
{
    /// <summary>Further lines. Ours have none; another log's are covered by its signature and mean nothing here.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>The text to be signed.</summary>
    public string Text => string.Concat(new[] { Origin, NoteText.Number(Size), Root.ToString() }.Concat(Extensions).Select(line => line + "\n"));

    /// <summary>Reads the text of a note.</summary>
    /// <exception cref="NoteException">Not a checkpoint.</exception>
    public static Checkpoint Parse(string text)
    {
        var lines = text.EndsWith('\n') ? text[..^1].Split('\n') : [];
        if (lines.Length < 3 || lines.Any(line => line.Length == 0) || !NoteText.TryNumber(lines[1], out var size) || !TreeHash.TryParse(lines[2], out var root))
        {
            throw new NoteException(NoteFault.Malformed, "A checkpoint is at least three lines: the log's name, the size of its tree and the tree's root.");
        }

        return new Checkpoint(lines[0], size, root) { Extensions = lines[3..] };
    }

    /// <summary>The signed form.</summary>
    /// <param name="key">The log's key; its name is the origin.</param>
    public SignedNote Sign(SigningKey key) => key.Verifier.Name == Origin
        ? SignedNote.Sign(Text, key)
        : throw new ArgumentException($"The key of {key.Verifier.Name} does not sign for {Origin}.", nameof(key));
}
