using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace LearningLedger.Integrity;

/// <summary>What a note signature is: the byte C2SP signed-note assigns to it.</summary>
public enum SignatureType : byte
{
    /// <summary>Ed25519 over the note's text.</summary>
    Ed25519 = 0x01,

    /// <summary>A witness's Ed25519 over the time and the checkpoint's text (tlog-cosignature, version 1).</summary>
    Cosignature = 0x04,
}

/// <summary>A public key for notes: C2SP signed-note's <c>name+id+key</c>.</summary>
/// <param name="Name">Name of the key; not empty, without white space or plus sign.</param>
/// <param name="Id">First four bytes of SHA-256(name, line feed, type, key), big-endian.</param>
/// <param name="Type">What its signatures are.</param>
/// <param name="PublicKey">32 bytes as RFC 8032 encodes them.</param>
public sealed record VerifierKey(string Name, uint Id, SignatureType Type, ReadOnlyMemory<byte> PublicKey)
{
    /// <summary>The key with the id that follows from its parts.</summary>
    public static VerifierKey Of(string name, SignatureType type, ReadOnlySpan<byte> publicKey) => new(name, IdOf(name, (byte)type, publicKey), type, publicKey.ToArray());

    /// <summary>Reads the text form.</summary>
    /// <exception cref="NoteException">Not a verifier key, of another type, with another id than it must have, or one nobody may trust.</exception>
    public static VerifierKey Parse(string text)
    {
        var parts = text.Split('+', 3); // base64 may hold plus signs
        if (parts.Length != 3 || !NoteText.IsKeyName(parts[0]) || parts[1].Length != 8
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) || parts[1] != IdText(id)
            || !NoteText.TryBase64(parts[2], out var key) || key.Length < 1)
        {
            throw new NoteException(NoteFault.Malformed, $"\"{text}\" is not a verifier key (name+id+key).");
        }

        var type = (SignatureType)key[0];
        var publicKey = key.AsSpan(1);
        if (!Enum.IsDefined(type) || publicKey.Length != Ed25519.KeyBytes)
        {
            throw new NoteException(NoteFault.Malformed, $"The verifier key of {parts[0]} is of type 0x{key[0]:x2} and {publicKey.Length} bytes, which is not known here.");
        }

        return id != IdOf(parts[0], key[0], publicKey) ? throw new NoteException(NoteFault.Malformed, $"The verifier key of {parts[0]} has an id that is not its own.")
            : !Ed25519.IsUsable(publicKey) ? throw new NoteException(NoteFault.Malformed, $"The verifier key of {parts[0]} is one that anybody can sign for.")
            : new VerifierKey(parts[0], id, type, publicKey.ToArray());
    }

    /// <summary>The text form.</summary>
    public override string ToString() => $"{Name}+{IdText(Id)}+{Convert.ToBase64String([(byte)Type, .. PublicKey.Span])}";

    /// <inheritdoc/>
    public bool Equals(VerifierKey? other) =>
        other is not null && Name == other.Name && Id == other.Id && Type == other.Type && PublicKey.Span.SequenceEqual(other.PublicKey.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Id);

    private static string IdText(uint id) => id.ToString("x8", CultureInfo.InvariantCulture);

    private static uint IdOf(string name, byte type, ReadOnlySpan<byte> publicKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. publicKey]));
}

/// <summary>A private key for notes. Dispose it: the key is wiped.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly Key key;

    /// <summary>The key of a seed.</summary>
    /// <param name="name">Name of the key; not empty, without white space or plus sign.</param>
    /// <param name="type">What it signs.</param>
    /// <param name="seed">32 random bytes (RFC 8032's private key).</param>
    /// <exception cref="NoteException">The name cannot be one.</exception>
    public SigningKey(string name, SignatureType type, ReadOnlySpan<byte> seed)
    {
        if (!NoteText.IsKeyName(name))
        {
            throw new NoteException(NoteFault.Malformed, $"\"{name}\" cannot be the name of a key.");
        }

        key = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        Verifier = VerifierKey.Of(name, type, key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>Its public half.</summary>
    public VerifierKey Verifier { get; }

    /// <summary>Signs the text of a note.</summary>
    /// <param name="text">The text, ending with a line feed.</param>
    /// <returns>The signature line, with its line feed.</returns>
    public string Sign(ReadOnlySpan<char> text)
    {
        if (Verifier.Type != SignatureType.Ed25519)
        {
            throw new InvalidOperationException("A witness's key signs checkpoints with a time, see Cosign.");
        }

        // A receipt's text is as long as its request.
        var utf8 = ArrayPool<byte>.Shared.Rent(text.Length * 3);
        Span<byte> signature = stackalloc byte[Ed25519.SignatureBytes];
        try
        {
            SignatureAlgorithm.Ed25519.Sign(key, utf8.AsSpan(0, NoteText.Utf8(text, utf8)), signature);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }

        return NoteText.SignatureLine(Verifier, signature);
    }

    /// <summary>Signs a checkpoint as a witness that found it consistent: tlog-cosignature, version 1.</summary>
    /// <param name="text">The checkpoint's text.</param>
    /// <param name="time">When, in seconds since 1970.</param>
    /// <returns>The signature line, with its line feed.</returns>
    public string Cosign(string text, long time)
    {
        if (Verifier.Type != SignatureType.Cosignature)
        {
            throw new InvalidOperationException("Only a witness's key cosigns.");
        }

        var signature = new byte[sizeof(long) + Ed25519.SignatureBytes];
        BinaryPrimitives.WriteInt64BigEndian(signature, time);
        SignatureAlgorithm.Ed25519.Sign(key, NoteText.Cosigned(text, time), signature.AsSpan(sizeof(long)));
        return NoteText.SignatureLine(Verifier, signature);
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();
}
