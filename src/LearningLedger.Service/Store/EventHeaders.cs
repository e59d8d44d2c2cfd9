using System.Buffers;
using System.Text.Json;

namespace LearningLedger.Service.Store;

/// <summary>The headers every event carries: when it occurred, where it came from, who said so, and its content fingerprint.</summary>
public static class EventHeaders
{
    /// <summary>The source's time, <see cref="LedgerJson.TimeFormat"/>.</summary>
    public const string Occurred = "occurred";

    /// <summary>URI of the platform; absent for what was decided here.</summary>
    public const string Source = "source";

    /// <summary><c>key:id</c>, <c>person:code</c> or <c>policy:name</c>.</summary>
    public const string Actor = "actor";

    /// <summary>Content fingerprint.</summary>
    public const string Fingerprint = "fp";

    /// <summary>Hidden hash of the bytes as sent, <see cref="SentHash"/>; absent for what was decided here.</summary>
    public const string Sent = "sent";

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? output;

    /// <summary>The stored JSON.</summary>
    /// <param name="occurred">The source's time.</param>
    /// <param name="source">URI of the platform; null for what was decided here.</param>
    /// <param name="actor">Who said so.</param>
    /// <param name="fingerprint">Content fingerprint.</param>
    /// <param name="sent">Of a posted event, else null.</param>
    public static byte[] Json(DateTimeOffset occurred, string? source, string actor, string fingerprint, string? sent)
    {
        output ??= new ArrayBufferWriter<byte>(512);
        writer ??= new Utf8JsonWriter(output);
        output.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
        writer.WriteString(Occurred, LedgerJson.Text(occurred));
        if (source is not null)
        {
            writer.WriteString(Source, source);
        }

        writer.WriteString(Actor, actor);
        writer.WriteString(Fingerprint, fingerprint);
        if (sent is not null)
        {
            writer.WriteString(Sent, sent);
        }

        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
