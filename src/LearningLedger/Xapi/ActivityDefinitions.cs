using System.Text.Json;
using System.Text.Json.Nodes;

namespace LearningLedger.Xapi;

/// <summary>What a statement says of the activities in it.</summary>
public static class ActivityDefinitions
{
    /// <summary>Each activity that is described, with the JSON of its definition.</summary>
    public static IReadOnlyList<(string Id, string Json)> Of(JsonElement statement)
    {
        var found = new List<(string Id, string Json)>();
        Collect(statement, found);
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

    private static void Collect(JsonElement statement, List<(string Id, string Json)> found)
    {
        var target = statement.GetProperty("object");
        switch (target.TryGetProperty("objectType", out var type) ? type.GetString() : "Activity")
        {
            case "SubStatement":
                Collect(target, found);
                break;
            case "Activity":
                Described(target, found);
                break;
        }

        if (!statement.TryGetProperty("context", out var context) || !context.TryGetProperty("contextActivities", out var kinds))
        {
            return;
        }

        foreach (var kind in kinds.EnumerateObject())
        {
            foreach (var activity in ContextActivities.Of(kind.Value))
            {
                Described(activity, found);
            }
        }
    }

    private static void Described(JsonElement activity, List<(string Id, string Json)> found)
    {
        if (activity.TryGetProperty("definition", out var definition))
        {
            found.Add((activity.GetProperty("id").GetString()!, definition.GetRawText()));
        }
    }
}
