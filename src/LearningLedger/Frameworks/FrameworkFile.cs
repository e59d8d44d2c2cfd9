using System.Text.Json;

namespace LearningLedger.Frameworks;

/// <summary>A framework file as read.</summary>
/// <param name="Definition">The definition; null when the JSON cannot be one.</param>
/// <param name="Faults">Everything wrong with it, content included; empty when it may be published.</param>
public sealed record FrameworkReading(FrameworkDefinition? Definition, IReadOnlyList<FieldFault> Faults);

/// <summary>Reads the framework file format.</summary>
/// <remarks>
/// Stricter than reading the record: a rule whose <c>passingScore</c> was left out would let everybody pass, and a misspelt
/// <c>validFor</c> would let awards stand for ever. So every member but <c>version</c> and <c>validFor</c> is required, and no other is known.
/// </remarks>
public static class FrameworkFile
{
    /// <summary>Reads <paramref name="json"/> and validates it; never throws on content.</summary>
    public static FrameworkReading Read(JsonElement json)
    {
        try
        {
            return ReadText(json);
        }
        catch (InvalidOperationException)
        {
            // How the base library reports half of a surrogate pair in a member's name.
            return new FrameworkReading(null, [new FieldFault("$", "holds characters that are no text")]);
        }
    }

    private static FrameworkReading ReadText(JsonElement json)
    {
        var faults = new FaultList();
        Shape(json, "", ["code", "title", "milestones", "skills"], ["version"], faults);
        foreach (var (skill, at) in Items(json, "skills"))
        {
            Shape(skill, at, ["code", "title"], [], faults);
        }

        foreach (var (milestone, at) in Items(json, "milestones"))
        {
            Shape(milestone, at, ["code", "level", "title", "summary", "skills", "rule"], [], faults);
            if (Member(milestone, "rule") is { } rule)
            {
                Shape(rule, $"{at}.rule", ["passingScore", "attempts", "evidence", "requires", "decision"], ["validFor"], faults);
                if (Member(rule, "evidence") is { } evidence)
                {
                    Shape(evidence, $"{at}.rule.evidence", ["minimum", "distinctAssessors"], [], faults);
                }
            }
        }

        return WithContent(json, faults);
    }

    private static FrameworkReading WithContent(JsonElement json, FaultList faults)
    {
        FrameworkDefinition? definition = null;
        try
        {
            definition = json.Deserialize<FrameworkDefinition>(LedgerJson.Options);
            var known = faults.All.Select(f => f.Field).ToHashSet();
            faults.AddRange(FrameworkRules.Validate(definition).Where(f => !known.Contains(f.Field)));
        }
        catch (JsonException e)
        {
            faults.Add(e.Path is { Length: > 2 } path ? path[2..] : "$", "is not of the kind this field takes, or is given twice");
        }

        return new FrameworkReading(definition, faults.All);
    }

    private static void Shape(JsonElement json, string at, string[] required, string[] optional, FaultList faults)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            faults.Add(at.Length == 0 ? "$" : at, "must be an object");
            return;
        }

        var prefix = at.Length == 0 ? "" : at + ".";
        foreach (var name in required.Where(name => Member(json, name) is null))
        {
            faults.Add(prefix + name, "is missing");
        }

        foreach (var member in json.EnumerateObject().Where(m => !required.Contains(m.Name) && !optional.Contains(m.Name)))
        {
            faults.Add(prefix + member.Name, "is not known here");
        }
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static IEnumerable<(JsonElement Item, string At)> Items(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().Select((item, i) => (item, $"{name}[{i}]")) : [];
}
