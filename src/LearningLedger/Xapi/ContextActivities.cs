using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>The activities around a statement's own.</summary>
internal static class ContextActivities
{
    /// <summary>Those of one kind: a list, or one by itself, as xAPI 1.0 lets it stand.</summary>
    public static IEnumerable<JsonElement> Of(JsonElement kind) => kind.ValueKind == JsonValueKind.Array ? kind.EnumerateArray() : [kind];
}
