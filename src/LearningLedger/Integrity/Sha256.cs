using System.Security.Cryptography;

namespace LearningLedger.Integrity;

/// <summary>SHA-256 (FIPS 180-4), and HMAC over it (RFC 2104), for what is hashed several times with every event.</summary>
/// <remarks>To set a hasher up costs as much again as to hash what a node of a tree holds, and three times so for an HMAC. So each thread keeps its own.</remarks>
public static class Sha256
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private const int Block = 64;

    [ThreadStatic]
    private static IncrementalHash? hasher;

    private static IncrementalHash Hasher => hasher ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The hash of <paramref name="input"/>.</summary>
    /// <param name="input">Any bytes.</param>
    /// <param name="hash">At least <see cref="Size"/> bytes.</param>
    public static void Of(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        var own = Hasher;
        own.AppendData(input);
        own.GetHashAndReset(hash);
    }

    /// <summary>HMAC-SHA-256: <c>H(key XOR opad || H(key XOR ipad || input))</c>.</summary>
    /// <param name="key">At most 64 bytes; all of ours have 32.</param>
    /// <param name="input">Any bytes.</param>
    /// <param name="mac">At least <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">The key is longer.</exception>
    public static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> mac)
    {
        if (key.Length > Block)
        {
            throw new ArgumentException($"A key of {key.Length} bytes; at most {Block}.", nameof(key));
        }

        Span<byte> padded = stackalloc byte[Block];
        padded.Clear();
        key.CopyTo(padded);
        foreach (ref var b in padded)
        {
            b ^= 0x36;
        }

        var own = Hasher;
        own.AppendData(padded);
        own.AppendData(input);
        own.GetHashAndReset(mac);
        foreach (ref var b in padded)
        {
            b ^= 0x36 ^ 0x5C;
        }

        own.AppendData(padded);
        own.AppendData(mac[..Size]);
        own.GetHashAndReset(mac);
        CryptographicOperations.ZeroMemory(padded);
    }
}
