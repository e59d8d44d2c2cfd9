using System.Buffers;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Service.Store;

/// <summary>The content fingerprint: an HMAC, because a plain hash of a score can be guessed.</summary>
public static class Fingerprint
{
    /// <summary>HMAC-SHA-256 under the stream's key of the RFC 8785 form of <c>{data, subject, time, type}</c>; unpadded base64url.</summary>
    /// <param name="streamKey">32 bytes.</param>
    /// <param name="type">Stored name.</param>
    /// <param name="subject">The learner's UUID; in streams without a learner the code of the framework or cohort.</param>
    /// <param name="occurred">The event's time.</param>
    /// <param name="data">RFC 8785 bytes of the posted data.</param>
    public static string Of(byte[] streamKey, string type, string subject, DateTimeOffset occurred, ReadOnlySpan<byte> data)
    {
        var text = new ArrayBufferWriter<byte>(data.Length + 160);
        text.Write("{\"data\":"u8);
        text.Write(data);
        Encoding.UTF8.GetBytes($",\"subject\":\"{subject}\",\"time\":\"{LedgerJson.Text(occurred)}\",\"type\":\"{type}\"}}", text);
        Span<byte> hash = stackalloc byte[32];
        Sha256.Hmac(streamKey, text.WrittenSpan, hash);
        return System.Buffers.Text.Base64Url.EncodeToString(hash);
    }
}
