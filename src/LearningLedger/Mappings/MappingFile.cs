using System.Text.Json;

namespace LearningLedger.Mappings;

/// <summary>A mapping file as read.</summary>
/// <param name="Definition">The definition; null when the JSON cannot be one.</param>
/// <param name="Faults">Everything wrong with it; empty when it may be published.</param>
public sealed record MappingReading(MappingDefinition? Definition, IReadOnlyList<FieldFault> Faults);

/// <summary>Reads the mapping file format. Unknown members are refused: a misspelt <c>within</c> would let every statement count.</summary>
public static class MappingFile
{
    private static readonly JsonSerializerOptions Strict =
        new(LedgerJson.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads <paramref name="json"/> and validates it; never throws on content.</summary>
    public static MappingReading Read(JsonElement json)
    {
        try
        {
            var definition = json.Deserialize<MappingDefinition>(Strict);
            return new MappingReading(definition, MappingRules.Validate(definition));
        }
        catch (JsonException e)
        {
            return new MappingReading(null, [new FieldFault(
                e.Path is { Length: > 2 } path ? path[2..] : "$",
                e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "is not known here" : "is not of the kind this field takes, or is given twice")]);
        }
        catch (InvalidOperationException)
        {
            // How the base library reports half of a surrogate pair in a member's name.
            return new MappingReading(null, [new FieldFault("$", "holds characters that are no text")]);
        }
    }
}
