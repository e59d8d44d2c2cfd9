using System.Buffers;
using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>What a POST does to a JSON document that is there: its top-level members replace those of the same name.</summary>
public static class JsonMerge
{
    /// <summary>The merged document; null unless both are JSON objects.</summary>
    public static byte[]? Of(ReadOnlyMemory<byte> old, ReadOnlyMemory<byte> added)
    {
        try
        {
            using var before = JsonDocument.Parse(old);
            using var after = JsonDocument.Parse(added);
            if (before.RootElement.ValueKind != JsonValueKind.Object || after.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var output = new ArrayBufferWriter<byte>(old.Length + added.Length);
            using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartObject();
            foreach (var member in before.RootElement.EnumerateObject().Where(m => !after.RootElement.TryGetProperty(m.Name, out _)))
            {
                member.WriteTo(json);
            }

            foreach (var member in after.RootElement.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
            json.Flush();
            return output.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether the bytes are one JSON object.</summary>
    public static bool IsObject(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
