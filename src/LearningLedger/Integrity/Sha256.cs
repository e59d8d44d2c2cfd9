using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LearningLedger.Integrity;

/// <summary>SHA-256 (FIPS 180-4), and HMAC over it (RFC 2104), for what is hashed several times with every event.</summary>
/// <remarks>
/// To set a hasher up costs several times as much as to hash what a node of a tree holds. So where OpenSSL 3 is, as on nearly every Linux, its plain
/// functions are called, which set nothing up and compute the same; elsewhere each thread keeps a hasher of its own.
/// </remarks>
public static class Sha256
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private const int Block = 64;

    // While a plain function runs no memory is collected, so it is given no more than takes microseconds.
    private const int Longest = 8 * 1024;

    [ThreadStatic]
    private static IncrementalHash? hasher;

    private static IncrementalHash Hasher => hasher ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The hash of <paramref name="input"/>.</summary>
    /// <param name="input">Any bytes.</param>
    /// <param name="hash">At least <see cref="Size"/> bytes.</param>
    public static void Of(ReadOnlySpan<byte> input, Span<byte> hash) => Of(input, [], hash);

    /// <summary>The hash of <paramref name="input"/>, <see cref="Size"/> bytes.</summary>
    public static byte[] Of(ReadOnlySpan<byte> input)
    {
        var hash = new byte[Size];
        Of(input, [], hash);
        return hash;
    }

    /// <summary>The hash of <paramref name="first"/> followed by <paramref name="rest"/>.</summary>
    /// <param name="first">Any bytes.</param>
    /// <param name="rest">Any bytes.</param>
    /// <param name="hash">At least <see cref="Size"/> bytes.</param>
    public static void Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, Span<byte> hash)
    {
        if (Plain.IsThere && first.Length + rest.Length <= Longest)
        {
            Plain.Of(first, rest, hash[..Size]);
            return;
        }

        var own = Hasher;
        own.AppendData(first);
        own.AppendData(rest);
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

        Of(padded, input, mac);
        foreach (ref var b in padded)
        {
            b ^= 0x36 ^ 0x5C;
        }

        Of(padded, mac[..Size], mac);
        CryptographicOperations.ZeroMemory(padded);
    }

    /// <summary>OpenSSL's functions of old, which its version 3 still has.</summary>
    private static class Plain
    {
        private const string Library = "libcrypto.so.3";
        private const int StateBytes = 112; // SHA256_CTX: eight words, the length, a block, and two numbers

        /// <summary>Whether they can be called.</summary>
        public static readonly bool IsThere = Works();

        public static void Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, Span<byte> hash)
        {
            Span<byte> bytes = stackalloc byte[StateBytes];
            ref var state = ref MemoryMarshal.GetReference(bytes);
            _ = SHA256_Init(ref state);
            _ = SHA256_Update(ref state, in MemoryMarshal.GetReference(first), (nuint)first.Length);
            if (!rest.IsEmpty)
            {
                _ = SHA256_Update(ref state, in MemoryMarshal.GetReference(rest), (nuint)rest.Length);
            }

            _ = SHA256_Final(ref MemoryMarshal.GetReference(hash), ref state);
        }

        private static bool Works()
        {
            if (!OperatingSystem.IsLinux())
            {
                return false;
            }

            try
            {
                Span<byte> hash = stackalloc byte[Size];
                Of("abc"u8, [], hash);
                return hash.SequenceEqual(SHA256.HashData("abc"u8));
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
            {
                return false;
            }
        }

        [DllImport(Library), SuppressGCTransition]
        private static extern int SHA256_Init(ref byte state);

        [DllImport(Library), SuppressGCTransition]
        private static extern int SHA256_Update(ref byte state, in byte data, nuint length);

        [DllImport(Library), SuppressGCTransition]
        private static extern int SHA256_Final(ref byte hash, ref byte state);
    }
}
