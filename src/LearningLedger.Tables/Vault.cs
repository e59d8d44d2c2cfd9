using System.Security.Cryptography;
using System.Text;
using LearningLedger.Events;
using LearningLedger.Integrity;

namespace LearningLedger.Tables;

/// <summary>The key that wraps all stream keys. It lies in a file, never in the database.</summary>
public sealed class Vault
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] key;

    private Vault(byte[] key) => this.key = key;

    /// <summary>A word that tells whether two vaults hold the same key, and nothing about it.</summary>
    public string Fingerprint => Convert.ToHexStringLower(HMACSHA256.HashData(key, "learningledger vault fingerprint"u8));

    /// <summary>Reads the key file, making it (mode 0600) when there is none.</summary>
    /// <exception cref="InvalidOperationException">The file holds something else.</exception>
    public static Vault Open(string file) => new(SecretFile.Key(file));

    /// <summary>A vault that opens nothing, for tools that only look at tables or write code.</summary>
    public static Vault ForTools() => new(NewKey());

    /// <summary>A stream key nobody has used: 32 random bytes.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(SecretFile.KeyBytes);

    /// <summary>Wraps a stream key for the database.</summary>
    /// <param name="streamKey">32 bytes.</param>
    /// <param name="owner">Whose key it is, <see cref="Owner"/>; a row moved to another owner does not open.</param>
    public byte[] Wrap(ReadOnlySpan<byte> streamKey, string owner) => Encrypt(key, streamKey, owner);

    /// <summary>Opens a wrapped stream key.</summary>
    /// <exception cref="CryptographicException">Wrapped by another key, or for another owner, or damaged.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string owner) => Decrypt(key, wrapped, owner);

    /// <summary>The associated data of a wrapped key: the tenant, and the learner unless it is the tenant's own key.</summary>
    public static string Owner(string tenant, Guid? learner) => learner is null ? tenant : $"{tenant}/{learner:D}";

    /// <summary>Seals text of one field of one event.</summary>
    public static Sealed? Seal(byte[] streamKey, Guid eventId, string field, string? text) =>
        text is null ? null : new Sealed(Convert.ToBase64String(Encrypt(EventKey(streamKey, eventId), Encoding.UTF8.GetBytes(text), field)));

    /// <summary>Seals text, given in UTF-8, of one field of one event.</summary>
    public static Sealed Seal(byte[] streamKey, Guid eventId, string field, ReadOnlySpan<byte> utf8) =>
        new(Convert.ToBase64String(Encrypt(EventKey(streamKey, eventId), utf8, field)));

    /// <summary>Opens what <see cref="Seal(byte[], Guid, string, string?)"/> made.</summary>
    /// <exception cref="CryptographicException">Another stream's, event's or field's, or damaged.</exception>
    public static string Open(byte[] streamKey, Guid eventId, string field, Sealed value) => Encoding.UTF8.GetString(OpenUtf8(streamKey, eventId, field, value));

    /// <summary>As <see cref="Open(byte[], Guid, string, Sealed)"/>, in UTF-8.</summary>
    public static byte[] OpenUtf8(byte[] streamKey, Guid eventId, string field, Sealed value) =>
        Decrypt(EventKey(streamKey, eventId), Convert.FromBase64String(value.Value), field);

    /// <summary>Seals bytes that belong to a stream but lie beside its events.</summary>
    /// <param name="streamKey">32 bytes.</param>
    /// <param name="name">What they are; moved under another name they do not open.</param>
    /// <param name="bytes">The bytes.</param>
    public static byte[] SealBeside(byte[] streamKey, string name, ReadOnlySpan<byte> bytes) => Encrypt(Mac(streamKey, "beside"u8), bytes, name);

    /// <summary>Opens what <see cref="SealBeside"/> made.</summary>
    /// <exception cref="CryptographicException">Another stream's or name's, or damaged.</exception>
    public static byte[] OpenBeside(byte[] streamKey, string name, ReadOnlySpan<byte> sealedBytes) =>
        Decrypt(Mac(streamKey, "beside"u8), sealedBytes, name);

    private static byte[] EventKey(byte[] streamKey, Guid eventId)
    {
        Span<byte> name = stackalloc byte[20];
        "seal"u8.CopyTo(name);
        eventId.TryWriteBytes(name[4..], bigEndian: true, out _);
        return Mac(streamKey, name);
    }

    private static byte[] Mac(byte[] streamKey, ReadOnlySpan<byte> name)
    {
        var mac = new byte[Sha256.Size];
        Sha256.Hmac(streamKey, name, mac);
        return mac;
    }

    private static byte[] Encrypt(byte[] key, ReadOnlySpan<byte> plain, string associated)
    {
        var output = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(output.AsSpan(0, NonceBytes), plain, output.AsSpan(NonceBytes, plain.Length), output.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(associated));
        return output;
    }

    private static byte[] Decrypt(byte[] key, ReadOnlySpan<byte> sealedBytes, string associated)
    {
        if (sealedBytes.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("Sealed bytes are cut short.");
        }

        var plain = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(sealedBytes[..NonceBytes], sealedBytes[NonceBytes..^TagBytes], sealedBytes[^TagBytes..], plain, Encoding.UTF8.GetBytes(associated));
        return plain;
    }
}
