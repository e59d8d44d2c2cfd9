using System.Buffers.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Service.Store;

/// <summary>
/// What the header <c>sent</c> holds: SHA-256 of the event's bytes as they were sent, hidden by a pad of the stream's key. A plain hash of a score
/// can be guessed; this one goes with the key when the learner is erased.
/// </summary>
/// <remarks><c>base64url(hash XOR HMAC-SHA-256(stream key, "sent" || event id))</c>; the pad serves one event only.</remarks>
public static class SentHash
{
    /// <summary>Bytes of the hash.</summary>
    public const int Length = 32;

    /// <summary>The header's value.</summary>
    /// <param name="streamKey">32 bytes.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="hash">SHA-256 of its JSON as sent, from its opening to its closing brace.</param>
    public static string Hide(byte[] streamKey, Guid eventId, ReadOnlySpan<byte> hash)
    {
        Span<byte> hidden = stackalloc byte[Length];
        Pad(streamKey, eventId, hash, hidden);
        return Base64Url.EncodeToString(hidden);
    }

    /// <summary>The hash behind a header's value; null when the event has none.</summary>
    /// <exception cref="FormatException">Not what <see cref="Hide"/> makes.</exception>
    public static byte[]? Show(byte[] streamKey, Guid eventId, string? value)
    {
        if (value is null)
        {
            return null;
        }

        var hash = Base64Url.DecodeFromChars(value);
        if (hash.Length != Length)
        {
            throw new FormatException("The header 'sent' does not hold 32 bytes.");
        }

        Pad(streamKey, eventId, hash, hash);
        return hash;
    }

    private static void Pad(byte[] streamKey, Guid eventId, ReadOnlySpan<byte> from, Span<byte> to)
    {
        Span<byte> name = stackalloc byte[20];
        "sent"u8.CopyTo(name);
        eventId.TryWriteBytes(name[4..], bigEndian: true, out _);
        Span<byte> pad = stackalloc byte[Length];
        Sha256.Hmac(streamKey, name, pad);
        for (var i = 0; i < Length; i++)
        {
            to[i] = (byte)(from[i] ^ pad[i]);
        }
    }
}
