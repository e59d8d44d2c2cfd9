using System.Text.Json;
using System.Text.Unicode;

namespace LearningLedger.Service.Xapi;

/// <summary>JSON as the store reads it.</summary>
internal static class XapiJson
{
    /// <summary>No member twice, no deeper than any statement needs.</summary>
    public static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Reads a body; null and a sentence when it is not JSON in UTF-8.</summary>
    public static JsonDocument? Read(ReadOnlyMemory<byte> body, out string wrong)
    {
        if (!Utf8.IsValid(body.Span))
        {
            wrong = "The JSON is not UTF-8.";
            return null;
        }

        try
        {
            wrong = "";
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException e)
        {
            wrong = "Not JSON: " + e.Message;
            return null;
        }
        catch (InvalidOperationException)
        {
            // Comparing names reads them, and half of a surrogate pair is no name.
            wrong = "Not JSON: a property name holds half of a surrogate pair.";
            return null;
        }
    }
}
