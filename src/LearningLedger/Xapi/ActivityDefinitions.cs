using System.Text.Json;
using System.Text.Json.Nodes;

namespace LearningLedger.Xapi;

/// <summary>What a statement says of the activities in it.</summary>
public static class ActivityDefinitions
{
    /// <summary>Each activity that is described, with the JSON of its definition.</summary>
    public static IEnumerable<(string Id, string Json)> Of(JsonElement statement)
    {
        var target = statement.GetProperty("object");
        var kind = target.TryGetProperty("objectType", out var type) ? type.GetString() : "Activity";
        var found = kind == "SubStatement" ? Of(target) : kind == "Activity" ? Described(target) : [];
        if (statement.TryGetProperty("context", out var context) && context.TryGetProperty("contextActivities", out var kinds))
        {
            foreach (var list in kinds.EnumerateObject())
            {
                found = list.Value.ValueKind == JsonValueKind.Array
                    ? found.Concat(list.Value.EnumerateArray().SelectMany(Described))
                    : found.Concat(Described(list.Value));
            }
        }

        return found;
    }

    /// <summary>Two words on one activity: members of the later replace those of the earlier, except that names and descriptions gain languages.</summary>
    public static string Merged(string earlier, string later)
    {
        var merged = JsonNode.Parse(earlier)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(later)!.AsObject())
        {
            if (name is "name" or "description" && merged[name] is JsonObject map)
            {
                foreach (var (tag, text) in value!.AsObject())
                {
                    map[tag] = text!.DeepClone();
                }
            }
            else
            {
                merged[name] = value?.DeepClone();
            }
        }

        return merged.ToJsonString();
    }

    private static IEnumerable<(string Id, string Json)> Described(JsonElement activity)
    {
        if (activity.TryGetProperty("definition", out var definition))
        {
            yield return (activity.GetProperty("id").GetString()!, definition.GetRawText());
        }
    }
}
