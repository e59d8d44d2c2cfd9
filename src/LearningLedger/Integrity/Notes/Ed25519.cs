using NSec.Cryptography;

namespace LearningLedger.Integrity;

/// <summary>Ed25519 (RFC 8032) under strict rules, so that two verifiers cannot be made to disagree: keys and signature points of small order,
/// keys not written in their one canonical form and signature scalars beyond the group's order are refused.</summary>
public static class Ed25519
{
    /// <summary>Bytes of a public key, and of the seed of a private one.</summary>
    public const int KeyBytes = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    // y of the points whose order divides 8, little-endian, in every encoding below 2^255.
    private static readonly byte[][] SmallOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <summary>Whether a public key may be trusted at all: not of small order, and below the field's prime as encoded.</summary>
    public static bool IsUsable(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != KeyBytes)
        {
            return false;
        }

        Span<byte> y = stackalloc byte[KeyBytes];
        publicKey.CopyTo(y);
        y[^1] &= 0x7f; // the sign of x
        foreach (var small in SmallOrder)
        {
            if (y.SequenceEqual(small))
            {
                return false;
            }
        }

        var isPrimeOrMore = y[^1] == 0x7f && y[0] >= 0xed && !y[1..^1].ContainsAnyExcept((byte)0xff);
        return !isPrimeOrMore;
    }

    /// <summary>Whether the signature is the key's over the message.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureBytes && IsUsable(publicKey)
        && PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
        && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);
}
