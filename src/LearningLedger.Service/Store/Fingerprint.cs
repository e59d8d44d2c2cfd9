using System.Buffers;
using System.Text.Unicode;
using LearningLedger.Integrity;

namespace LearningLedger.Service.Store;

/// <summary>The content fingerprint: an HMAC, because a plain hash of a score can be guessed.</summary>
public static class Fingerprint
{
    /// <summary>Bytes of the names, the time and all between them; more than enough.</summary>
    private const int Frame = 128;

    /// <summary>HMAC-SHA-256 under the stream's key of the RFC 8785 form of <c>{data, subject, time, type}</c>; unpadded base64url.</summary>
    /// <param name="streamKey">32 bytes.</param>
    /// <param name="type">Stored name.</param>
    /// <param name="subject">The learner's UUID; in streams without a learner the code of the framework or cohort.</param>
    /// <param name="occurred">The event's time.</param>
    /// <param name="data">RFC 8785 bytes of the posted data.</param>
    public static string Of(byte[] streamKey, string type, string subject, DateTimeOffset occurred, ReadOnlySpan<byte> data)
    {
        var text = ArrayPool<byte>.Shared.Rent(data.Length + (3 * (subject.Length + type.Length)) + Frame);
        "{\"data\":"u8.CopyTo(text);
        var length = "{\"data\":"u8.Length;
        data.CopyTo(text.AsSpan(length));
        length += data.Length;
        if (!Utf8.TryWrite(text.AsSpan(length), $",\"subject\":\"{subject}\",\"time\":\"{LedgerJson.Text(occurred)}\",\"type\":\"{type}\"}}", out var written))
        {
            throw new InvalidOperationException("The fingerprint's text is longer than can be.");
        }

        Span<byte> hash = stackalloc byte[32];
        Sha256.Hmac(streamKey, text.AsSpan(0, length + written), hash);
        ArrayPool<byte>.Shared.Return(text);
        return System.Buffers.Text.Base64Url.EncodeToString(hash);
    }
}
