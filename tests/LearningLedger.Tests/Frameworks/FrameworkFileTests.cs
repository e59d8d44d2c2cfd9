using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Frameworks;

namespace LearningLedger.Tests.Frameworks;

public class FrameworkFileTests
{
    [Fact]
    public void Reads_what_the_ledger_writes()
    {
        var reading = Read(Welding());

        Assert.Empty(reading.Faults);
        Assert.Equivalent(FrameworkSamples.Welding, reading.Definition, strict: true);
    }

    [Theory]
    [InlineData("passingScore")]
    [InlineData("attempts")]
    [InlineData("decision")]
    [InlineData("requires")]
    [InlineData("evidence")]
    public void Does_not_take_what_a_rule_leaves_out_for_its_laxest_value(string member)
    {
        var json = Welding();
        json["milestones"]![1]!["rule"]!.AsObject().Remove(member);

        Assert.Equal(new FieldFault($"milestones[1].rule.{member}", "is missing"), Assert.Single(Read(json).Faults));
    }

    [Fact]
    public void Does_not_lose_a_misspelt_member()
    {
        var json = Welding();
        json["milestones"]![1]!["rule"]!["validfor"] = "P1Y";

        Assert.Equal("milestones[1].rule.validfor", Assert.Single(Read(json).Faults).Field);
    }

    [Fact]
    public void Names_faults_of_shape_and_of_content_together()
    {
        var json = Welding();
        json["title"] = "";
        json["colour"] = "red";
        json["milestones"]![0]!.AsObject().Remove("level");
        json["milestones"]![0]!["rule"]!["evidence"]!.AsObject().Remove("minimum");
        json["skills"]![0]!["code"] = "Safety";

        Assert.Equal(
            [
                "colour", "milestones[0].level", "milestones[0].rule.evidence.minimum", "title", "skills[0].code", "milestones[0].skills[0]",
                "milestones[0].rule.evidence.distinctAssessors", "milestones[1].skills[0]",
            ],
            Read(json).Faults.Select(f => f.Field));
    }

    [Theory]
    [InlineData("""{"code":"x","title":"x","milestones":[{"code":1}],"skills":[]}""", "milestones[0].code")]
    [InlineData("""{"code":"x","title":"x","milestones":{},"skills":[]}""", "milestones")]
    [InlineData("""{"code":"x","code":"y","title":"x","milestones":[],"skills":[]}""", "code")]
    [InlineData("""{"code":"\ud800","title":"x","milestones":[],"skills":[]}""", "code")]
    [InlineData("""{"\ud800":1}""", "$")]
    [InlineData("[]", "$")]
    [InlineData("7", "$")]
    [InlineData("null", "$")]
    [InlineData("""{"code":"x","title":"x","milestones":[7,null],"skills":[null]}""", "milestones[0]")]
    public void Never_fails_on_content(string json, string field)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Contains(field, FrameworkFile.Read(document.RootElement).Faults.Select(f => f.Field));
    }

    private static JsonNode Welding() => JsonSerializer.SerializeToNode(FrameworkSamples.Welding, LedgerJson.Options)!;

    private static FrameworkReading Read(JsonNode json) => FrameworkFile.Read(JsonSerializer.SerializeToElement(json));
}
