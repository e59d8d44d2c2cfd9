using System.Text.Json;
using System.Text.Json.Serialization;

namespace LearningLedger;

/// <summary>The one JSON dialect of stored bodies and of the API: camelCase, enums as camelCase words, nulls left out, UTC times with six decimals.</summary>
public static class LedgerJson
{
    /// <summary>UTC with whole microseconds, the resolution PostgreSQL keeps.</summary>
    public const string TimeFormat = Integrity.LogLeaf.TimeFormat;

    /// <summary>The shared, read-only options.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Applies the dialect to <paramref name="options"/>.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new UtcMicroseconds());
    }

    /// <summary>A time as this dialect writes it.</summary>
    public static string Text(DateTimeOffset time) => Integrity.LogLeaf.Text(time);

    /// <summary>The time in UTC cut to whole microseconds.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions();
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class UtcMicroseconds : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            // A time without an offset would be read in the zone of whatever machine reads it.
            return reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && HasOffset(text) && reader.TryGetDateTimeOffset(out var time)
                ? Microseconds(time)
                : throw new JsonException("A time must be written as RFC 3339 does, with its offset from UTC.");
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

        private static bool HasOffset(string text) => text.EndsWith('Z') || (text.Length > 6 && text[^3] == ':' && text[^6] is ('+' or '-'));
    }
}
