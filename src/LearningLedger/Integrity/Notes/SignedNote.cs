using System.Buffers.Binary;

namespace LearningLedger.Integrity;

/// <summary>A text with the signatures of one or more keys: C2SP signed-note. Nothing in the text is to be believed before <see cref="Verify"/>.</summary>
/// <param name="Text">The signed text, ending with a line feed.</param>
/// <param name="Signatures">The signature lines in order, those of unknown keys too.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>The most signatures a note may carry here. The specification asks for room for 16.</summary>
    public const int MostSignatures = 100;

    /// <summary>A note with the signature of <paramref name="key"/>.</summary>
    /// <param name="text">The text, ending with a line feed.</param>
    /// <param name="key">A key for notes.</param>
    public static SignedNote Sign(string text, SigningKey key) => Parse(text + "\n" + key.Sign(text));

    /// <summary>Reads a note from UTF-8.</summary>
    /// <exception cref="NoteException">Not a note.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> utf8) => Parse(NoteText.Text(utf8));

    /// <summary>Reads a note.</summary>
    /// <exception cref="NoteException">Not a note.</exception>
    public static SignedNote Parse(string note)
    {
        if (note.Any(c => c < ' ' && c != '\n'))
        {
            throw Malformed("A note holds no control characters but line feeds.");
        }

        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || note[^1] != '\n')
        {
            throw Malformed("A note is a text, an empty line and signature lines, each ended by a line feed.");
        }

        return new SignedNote(note[..(end + 1)], ParseSignatures(note[(end + 2)..]));
    }

    /// <summary>Reads signature lines alone, as a witness answers with.</summary>
    /// <exception cref="NoteException">A line that is none, or no line.</exception>
    public static IReadOnlyList<NoteSignature> ParseSignatures(string lines)
    {
        if (!lines.EndsWith('\n'))
        {
            throw Malformed("A note has at least one signature line, ended by a line feed.");
        }

        var parts = lines[..^1].Split('\n');
        return parts.Length > MostSignatures
            ? throw Malformed($"A note with more than {MostSignatures} signatures is not read.")
            : [.. parts.Select(NoteSignature.Parse)];
    }

    /// <summary>The same note with more signature lines; lines it has already are not repeated.</summary>
    public SignedNote With(IEnumerable<NoteSignature> more) => this with { Signatures = [.. Signatures.Union(more)] };

    /// <summary>The same note with the signature lines of some keys alone.</summary>
    public SignedNote Of(IReadOnlyCollection<VerifierKey> keys) => this with { Signatures = [.. Signatures.Where(line => keys.Any(key => key.Name == line.Name && key.Id == line.KeyId))] };

    /// <summary>The signatures of the given keys. Those of other keys are ignored.</summary>
    /// <returns>One for each key that signed; none: nobody known signed, and the text must not be believed.</returns>
    /// <exception cref="NoteException">A line carries a given key's name and id and is not its signature.</exception>
    public IReadOnlyList<KnownSignature> Verify(IEnumerable<VerifierKey> keys)
    {
        var known = new List<KnownSignature>();
        foreach (var key in keys.Distinct())
        {
            foreach (var line in Signatures.Where(s => s.Name == key.Name && s.KeyId == key.Id))
            {
                var signature = line.Verify(Text, key)
                    ?? throw new NoteException(NoteFault.Invalid, $"The signature of {key.Name} is not that key's, or the text was changed.");
                if (known.Count == 0 || known[^1].Key != key)
                {
                    known.Add(signature);
                }
            }
        }

        return known;
    }

    /// <summary>The note as it is written.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures)}";

    private static NoteException Malformed(string message) => new(NoteFault.Malformed, message);
}

/// <summary>A signature line.</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="Line">The whole line with its line feed.</param>
public sealed record NoteSignature(string Name, string Line)
{
    /// <summary>Id of the key.</summary>
    public required uint KeyId { get; init; }

    /// <summary>What follows the key's id: the signature, for a witness behind its time.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>The line.</summary>
    public override string ToString() => Line;

    /// <inheritdoc/>
    public bool Equals(NoteSignature? other) => Line == other?.Line;

    /// <inheritdoc/>
    public override int GetHashCode() => Line.GetHashCode(StringComparison.Ordinal);

    internal static NoteSignature Parse(string line)
    {
        var parts = line.StartsWith(NoteText.Dash, StringComparison.Ordinal) ? line[NoteText.Dash.Length..].Split(' ') : [];
        return parts.Length == 2 && NoteText.IsKeyName(parts[0]) && NoteText.TryBase64(parts[1], out var bytes) && bytes.Length > sizeof(uint)
            ? new NoteSignature(parts[0], line + "\n") { KeyId = BinaryPrimitives.ReadUInt32BigEndian(bytes), Signature = bytes.AsMemory(sizeof(uint)) }
            : throw new NoteException(NoteFault.Malformed, "A signature line is a dash, the key's name and base64.");
    }

    internal KnownSignature? Verify(string text, VerifierKey key)
    {
        if (Line != NoteText.SignatureLine(key, Signature.Span))
        {
            return null; // base64 has several spellings of the same bytes; one is enough
        }

        if (key.Type == SignatureType.Ed25519)
        {
            return Ed25519.Verify(key.PublicKey.Span, NoteText.Utf8(text), Signature.Span) ? new KnownSignature(key, null) : null;
        }

        if (Signature.Length != sizeof(long) + Ed25519.SignatureBytes)
        {
            return null;
        }

        var time = BinaryPrimitives.ReadInt64BigEndian(Signature.Span);
        return time >= 0 && Ed25519.Verify(key.PublicKey.Span, NoteText.Cosigned(text, time), Signature.Span[sizeof(long)..])
            ? new KnownSignature(key, time)
            : null;
    }
}

/// <summary>A signature that was checked.</summary>
/// <param name="Key">Whose it is.</param>
/// <param name="Time">For a witness: when it found the checkpoint consistent, in seconds since 1970; else null.</param>
public sealed record KnownSignature(VerifierKey Key, long? Time);

/// <summary>What is wrong with a note.</summary>
public enum NoteFault
{
    /// <summary>It is not written as it must be.</summary>
    Malformed,

    /// <summary>A known key's signature is not its signature.</summary>
    Invalid,
}

/// <summary>A note, or something made of one, that must not be used.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">The same for people.</param>
public sealed class NoteException(NoteFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong.</summary>
    public NoteFault Fault { get; } = fault;
}
