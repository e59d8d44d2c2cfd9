using System.Buffers;
using System.Text;
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

    /// <summary>Content fingerprint; absent for what was decided here.</summary>
    public const string Fingerprint = "fp";

    /// <summary>The stored JSON.</summary>
    public static string Json(DateTimeOffset occurred, string source, string actor, string fingerprint)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString(Occurred, LedgerJson.Text(occurred));
            writer.WriteString(Source, source);
            writer.WriteString(Actor, actor);
            writer.WriteString(Fingerprint, fingerprint);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
