using System.Text.Json;
using LearningLedger.Mappings;

namespace LearningLedger.Tests.Mappings;

public class MappingRulesTests
{
    private const string Good = """{"framework":"welding","rules":[{"skill":"linux","activities":["https://lms.example/*"]}]}""";

    [Fact]
    public void Numbers_versions_and_knows_what_it_has()
    {
        var mapping = Read(Good).Definition!;
        var first = Assert.IsType<MappingResult.Published>(MappingRules.Publish(MappingState.None, mapping)).Event;
        var state = MappingState.Evolve(MappingState.None, first);

        Assert.Equal(1, first.Mapping.Version);
        Assert.Equal(1, Assert.IsType<MappingResult.AlreadyPublished>(MappingRules.Publish(state, mapping)).Version);
        Assert.Equal(1, Assert.IsType<MappingResult.AlreadyPublished>(MappingRules.Publish(state, first.Mapping)).Version);
        var other = mapping with { Rules = [] };
        Assert.Equal(2, Assert.IsType<MappingResult.Published>(MappingRules.Publish(state, other)).Event.Mapping.Version);
        Assert.Equal((3, 2), Assert.IsType<MappingResult.WrongVersion>(MappingRules.Publish(state, other with { Version = 3 })) is var wrong ? (wrong.Given, wrong.Next) : default);
    }

    [Theory]
    [InlineData("""{"framework":"welding"}""", "rules")]
    [InlineData("""{"framework":"Welding","rules":[]}""", "framework")]
    [InlineData("""{"framework":"welding","rules":[],"ruels":[]}""", "ruels")]
    [InlineData("""{"framework":"welding","rules":[null]}""", "rules[0]")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux"}]}""", "rules[0].activities")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":[]}]}""", "rules[0].activities")]
    [InlineData("""{"framework":"welding","rules":[{"activities":["https://a.example"]}]}""", "rules[0].skill")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["quiz"]}]}""", "rules[0].activities[0]")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://*.example/"]}]}""", "rules[0].activities[0]")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example/**"]}]}""", "rules[0].activities[0]")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"within":["x"]}]}""", "rules[0].within[0]")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"verbs":["passed"]}]}""", "rules[0].verbs[0]")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"doubtedBy":[]}]}""", "rules[0].doubtedBy")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"score":1.5}]}""", "rules[0].score")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"extensions":{"final":"true"}}]}""", "rules[0].extensions")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"evidence":{"milestone":"No"}}]}""", "rules[0].evidence.milestone")]
    [InlineData("""{"framework":"welding","rules":[{"skill":"linux","activities":["https://a.example"],"wihtin":["https://a.example"]}]}""", "rules[0].wihtin")]
    [InlineData("[]", "$")]
    [InlineData("null", "$")]
    public void Names_the_fault(string file, string field) => Assert.Equal(field, Assert.Single(Read(file).Faults).Field);

    [Fact]
    public void Takes_every_kind_of_pattern() =>
        Assert.Empty(Read("""{"framework":"welding","version":2,"rules":[{"skill":"linux","activities":["https://a.example/?x=1*","urn:quiz:7","https:*"]}]}""").Faults);

    private static MappingReading Read(string file)
    {
        using var document = JsonDocument.Parse(file);
        return MappingFile.Read(document.RootElement);
    }
}
