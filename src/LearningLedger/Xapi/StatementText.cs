using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>A statement as it is kept and as it is given back.</summary>
/// <remarks>
/// Kept is what was posted, letter for letter in every value, with what a store must add: <c>id</c>, <c>version</c>, <c>authority</c>, and
/// <c>timestamp</c> when there was none; a single context activity becomes a list of one. <c>stored</c> stands beside it and is put in on the way out.
/// </remarks>
public static class StatementText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The time a valid statement gives, or null.</summary>
    public static DateTimeOffset? Timestamp(JsonElement statement) =>
        statement.TryGetProperty("timestamp", out var given) && given.GetString() is { } text
            && (XapiText.TryTime(text, XapiVersion.One, out var time) || XapiText.TryTime(text, XapiVersion.Two, out time)) ? time : null;

    /// <summary>What is kept of a valid statement; without a <c>timestamp</c> when it came without.</summary>
    /// <param name="statement">As posted.</param>
    /// <param name="version">Of the request.</param>
    /// <param name="id">Its id, given here when it came without.</param>
    /// <param name="authority">JSON of the agent that vouches for it.</param>
    public static byte[] Kept(JsonElement statement, XapiVersion version, Guid id, ReadOnlySpan<byte> authority)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("id", id);
        var hasVersion = false;
        foreach (var member in statement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id" or "stored" or "authority":
                    continue;
                case "context":
                    json.WritePropertyName(member.Name);
                    Context(json, member.Value);
                    continue;
                case "object" when member.Value.TryGetProperty("objectType", out var kind) && kind.ValueEquals("SubStatement"):
                    json.WritePropertyName(member.Name);
                    SubStatement(json, member.Value);
                    continue;
                case "timestamp" when version == XapiVersion.Two && Timestamp(statement) is { } time && member.Value.GetString() is { } text && (text[^1] != 'Z' || text[10] == ' '):
                    json.WriteString(member.Name, Utc(time));
                    continue;
            }

            hasVersion |= member.NameEquals("version");
            member.WriteTo(json);
        }

        if (!hasVersion)
        {
            json.WriteString("version", version.OfStatement());
        }

        json.WritePropertyName("authority");
        json.WriteRawValue(authority, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A kept statement that came without a time, with the time it was stored as its <c>timestamp</c>.</summary>
    public static byte[] WithTimestamp(ReadOnlySpan<byte> kept, DateTimeOffset stored) => [.. kept[..^1], .. Encoding.UTF8.GetBytes($",\"timestamp\":\"{LedgerJson.Text(stored)}\"}}")];

    /// <summary>Appends the text of a kept statement with its <c>stored</c>.</summary>
    public static void WriteExact(IBufferWriter<byte> output, ReadOnlySpan<byte> kept, DateTimeOffset stored)
    {
        output.Write(kept[..^1]);
        Encoding.UTF8.GetBytes($",\"stored\":\"{LedgerJson.Text(stored)}\"}}", output);
    }

    // As few digits as say it.
    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static void SubStatement(Utf8JsonWriter json, JsonElement statement)
    {
        json.WriteStartObject();
        foreach (var member in statement.EnumerateObject())
        {
            if (member.NameEquals("context"))
            {
                json.WritePropertyName(member.Name);
                Context(json, member.Value);
            }
            else
            {
                member.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void Context(Utf8JsonWriter json, JsonElement context)
    {
        json.WriteStartObject();
        foreach (var member in context.EnumerateObject())
        {
            if (!member.NameEquals("contextActivities"))
            {
                member.WriteTo(json);
                continue;
            }

            json.WriteStartObject(member.Name);
            foreach (var kind in member.Value.EnumerateObject())
            {
                json.WritePropertyName(kind.Name);
                if (kind.Value.ValueKind == JsonValueKind.Object)
                {
                    json.WriteStartArray();
                    kind.Value.WriteTo(json);
                    json.WriteEndArray();
                }
                else
                {
                    kind.Value.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
