using System.Security.Cryptography;

namespace LearningLedger.Service.Xapi;

/// <summary>SHA-2 by the length of the hash.</summary>
internal static class Sha2
{
    /// <summary>Whether bytes have a hash in lower-case hex. SHA-224 is not known to the platform, so nothing can be proved to have it.</summary>
    public static bool Matches(string hash, ReadOnlySpan<byte> bytes) => hash.Length switch
    {
        64 => Convert.ToHexStringLower(SHA256.HashData(bytes)) == hash,
        96 => Convert.ToHexStringLower(SHA384.HashData(bytes)) == hash,
        128 => Convert.ToHexStringLower(SHA512.HashData(bytes)) == hash,
        _ => false,
    };
}
