using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace LearningLedger.Integrity;

/// <summary>A SHA-256 of a Merkle tree as RFC 6962, section 2.1, makes it: of a leaf, of a node, or of the empty tree.</summary>
public readonly struct TreeHash : IEquatable<TreeHash>
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = Sha256.Size;

    /// <summary>Characters of the base64 form.</summary>
    internal const int Base64Length = 44;

    private readonly (ulong A, ulong B, ulong C, ulong D) words;

    /// <summary>The hash with these bytes.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    public TreeHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A hash has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        }

        words = MemoryMarshal.Read<(ulong, ulong, ulong, ulong)>(bytes);
    }

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static TreeHash Empty { get; } = new(SHA256.HashData([]));

    /// <summary>The hash of a leaf: SHA-256(0x00 || entry).</summary>
    public static TreeHash Leaf(ReadOnlySpan<byte> entry)
    {
        Span<byte> hash = stackalloc byte[Size];
        Sha256.Of([0], entry, hash);
        return new TreeHash(hash);
    }

    /// <summary>The hash of a node: SHA-256(0x01 || left || right).</summary>
    public static TreeHash Node(in TreeHash left, in TreeHash right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Size)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Size)..]);
        Span<byte> hash = stackalloc byte[Size];
        Sha256.Of(input, hash);
        return new TreeHash(hash);
    }

    /// <summary>Reads the base64 form (RFC 4648, section 4, padded, one form only).</summary>
    public static bool TryParse(ReadOnlySpan<char> base64, out TreeHash hash)
    {
        Span<byte> ascii = stackalloc byte[Base64Length];
        hash = default;
        return base64.Length == Base64Length && Ascii.FromUtf16(base64, ascii, out _) == OperationStatus.Done && TryParse(ascii, out hash);
    }

    /// <summary>Reads the base64 form from ASCII.</summary>
    public static bool TryParse(ReadOnlySpan<byte> base64, out TreeHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size + 1];
        Span<byte> again = stackalloc byte[Base64Length];
        hash = default;
        if (base64.Length != Base64Length || Base64.DecodeFromUtf8(base64, bytes, out _, out var written) != OperationStatus.Done || written != Size)
        {
            return false;
        }

        hash = new TreeHash(bytes[..Size]);
        Base64.EncodeToUtf8(bytes[..Size], again, out _, out _);
        return base64.SequenceEqual(again);
    }

    /// <summary>Writes the bytes.</summary>
    /// <param name="output">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> output) => MemoryMarshal.Write(output, in words);

    /// <summary>The bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The base64 form.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <inheritdoc/>
    public bool Equals(TreeHash other) => words == other.words;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TreeHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => words.GetHashCode();

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(TreeHash left, TreeHash right) => left.Equals(right);

    /// <summary>Whether their bytes differ.</summary>
    public static bool operator !=(TreeHash left, TreeHash right) => !left.Equals(right);
}
