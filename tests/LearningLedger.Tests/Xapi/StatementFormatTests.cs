using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Xapi;
using static LearningLedger.Tests.Xapi.Statements;

namespace LearningLedger.Tests.Xapi;

public class StatementFormatTests
{
    [Fact]
    public void Ids_leaves_what_identifies()
    {
        var node = Format(StatementForm.Ids, Full, [], _ => null);

        Assert.Equal("""{"objectType":"Group","account":{"homePage":"https://lms.example","name":"t1"}}""", node["actor"]!.ToJsonString());
        Assert.Equal("""{"id":"http://adlnet.gov/expapi/verbs/passed"}""", node["verb"]!.ToJsonString());
        Assert.Equal("""{"id":"https://example.com/a/1"}""", node["object"]!.ToJsonString());
        Assert.Equal(0.5, node["result"]!["score"]!["scaled"]!.GetValue<double>());
    }

    [Fact]
    public void Ids_of_an_anonymous_group_are_those_of_its_members()
    {
        var group = """{"objectType":"Group","name":"G","member":[{"name":"A","mbox":"mailto:a@example.com"}]}""";

        Assert.Equal(
            """{"objectType":"Group","member":[{"mbox":"mailto:a@example.com"}]}""", Format(StatementForm.Ids, With(Least, "actor", group), [], _ => null)["actor"]!.ToJsonString());
    }

    [Fact]
    public void Canonical_shows_one_language_and_the_definitions_known_here()
    {
        var known = Parse("""{"name":{"en":"Known","de":"Bekannt"},"choices":[{"id":"a","description":{"en":"A","de":"Ä"}}]}""");
        var node = Format(StatementForm.Canonical, Full, ["de-AT", "en"], id => id == "https://example.com/a/1" ? known : null);

        Assert.Equal("""{"de":"bestanden"}""", node["verb"]!["display"]!.ToJsonString());
        Assert.Equal("""{"de":"Bekannt"}""", node["object"]!["definition"]!["name"]!.ToJsonString());
        Assert.Equal("Ä", node["object"]!["definition"]!["choices"]![0]!["description"]!["de"]!.GetValue<string>());
        Assert.Equal("""{"en":"Essay"}""", node["attachments"]![0]!["display"]!.ToJsonString());
        Assert.Equal(2, node["actor"]!["member"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("de, en;q=0.5", "de-AT")]
    [InlineData("en;q=0.5, de;q=0.4", "en-US")]
    [InlineData("fr-CA", "fr")]
    [InlineData("zh", "en-US")]
    [InlineData("de;q=0, fr;q=0.1", "fr")]
    [InlineData("de;q=x", "en-US")]
    [InlineData(null, "en-US")]
    public void Chooses_a_language(string? header, string chosen) => Assert.Equal(chosen, Languages.Best(["fr", "de-AT", "en-US"], Languages.Accepted(header)));

    [Fact]
    public void Mentions_what_the_filters_ask_for()
    {
        var found = StatementMentions.Of(Parse(SubStatement), new AgentIdentifier("account", "https://lrs.example", "k"));

        Assert.Contains(new Mention(MentionKind.Agent, new AgentIdentifier("mbox", "", "mailto:ada@example.com").Text()), found);
        Assert.Contains(new Mention(MentionKind.RelatedAgent, new AgentIdentifier("mbox", "", "mailto:eve@example.com").Text()), found);
        Assert.Contains(new Mention(MentionKind.RelatedAgent, new AgentIdentifier("account", "https://lrs.example", "k").Text()), found);
        Assert.Contains(new Mention(MentionKind.RelatedActivity, "https://example.com/o"), found);
        Assert.DoesNotContain(found, m => m.Kind is MentionKind.Activity);
        Assert.DoesNotContain(new Mention(MentionKind.Agent, new AgentIdentifier("mbox", "", "mailto:eve@example.com").Text()), found);
        Assert.Contains(new Mention(MentionKind.Agent, new AgentIdentifier("openid", "", "https://id.example/b").Text()), StatementMentions.Of(Parse(Full), default));
    }

    [Theory]
    [InlineData("""{"a":1,"b":{"x":1}}""", """{"b":{"y":2},"c":3}""", """{"a":1,"b":{"y":2},"c":3}""")]
    [InlineData("""{"a":1}""", "[]", null)]
    [InlineData("no json", "{}", null)]
    public void Merging_replaces_top_level_members(string old, string added, string? merged)
    {
        var result = JsonMerge.Of(Encoding.UTF8.GetBytes(old), Encoding.UTF8.GetBytes(added));

        Assert.Equal(merged, result is null ? null : Encoding.UTF8.GetString(result));
    }

    private static JsonNode Format(StatementForm form, string statement, IReadOnlyList<string> languages, Func<string, JsonElement?> definition)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            using var kept = JsonDocument.Parse(StatementText.Kept(Parse(statement), XapiVersion.One, Guid.Parse(Id), "{\"mbox\":\"mailto:lrs@example.com\"}"u8));
            new StatementFormat(form, languages, definition).Write(json, kept.RootElement);
        }

        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
