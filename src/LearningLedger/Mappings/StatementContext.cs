using System.Text.Json;
using LearningLedger.Xapi;

namespace LearningLedger.Mappings;

/// <summary>What stands around a statement's activity.</summary>
internal static class StatementContext
{
    /// <summary>Ids of the context activities of one kind.</summary>
    public static IEnumerable<string> Activities(JsonElement context, string kind)
    {
        if (context.ValueKind != JsonValueKind.Object || !context.TryGetProperty("contextActivities", out var kinds) || !kinds.TryGetProperty(kind, out var list))
        {
            return [];
        }

        return ContextActivities.Of(list).Select(a => a.GetProperty("id").GetString()!);
    }

    /// <summary>Whether <paramref name="holder"/> has the extension.</summary>
    public static bool Has(JsonElement holder, string extension) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty("extensions", out var all) && all.TryGetProperty(extension, out _);

    /// <summary>An extension's value: text, or a number or truth value as it is written; null: there is none, or it is no such thing.</summary>
    public static string? Text(JsonElement holder, string extension) =>
        !Has(holder, extension) ? null
        : holder.GetProperty("extensions").GetProperty(extension) is var value && value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText()
        : null;
}
