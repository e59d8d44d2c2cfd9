using LearningLedger.Xapi;
using static LearningLedger.Tests.Xapi.Statements;

namespace LearningLedger.Tests.Xapi;

public class StatementRulesTests
{
    [Theory]
    [InlineData(Least, XapiVersion.One)]
    [InlineData(Least, XapiVersion.Two)]
    [InlineData(Full, XapiVersion.One)]
    [InlineData(Full, XapiVersion.Two)]
    [InlineData(SubStatement, XapiVersion.One)]
    [InlineData(SubStatement, XapiVersion.Two)]
    internal void Takes_valid_statements(string statement, XapiVersion version) => Assert.Empty(StatementRules.Faults(Parse(statement), version));

    [Theory]
    [InlineData("actor", null, "actor")]
    [InlineData("actor", "null", "actor")]
    [InlineData("actor/member/1/openid", "\"no iri\"", "actor.member[1].openid")]
    [InlineData("actor/member/0/mbox", "\"ada@example.com\"", "actor.member[0].mbox")]
    [InlineData("actor/member/0", """{"objectType":"Group","mbox":"mailto:x@example.com"}""", "actor.member[0].objectType")]
    [InlineData("actor/account/name", "7", "actor.account.name")]
    [InlineData("actor/mbox", "\"mailto:two@example.com\"", "actor")]
    [InlineData("actor/objectType", "\"group\"", "actor.objectType")]
    [InlineData("verb/id", "\"passed\"", "verb.id")]
    [InlineData("verb/display/english words", "\"x\"", "verb.display.english words")]
    [InlineData("verb/display/en-GB", "5", "verb.display.en-GB")]
    [InlineData("verb/name", "\"x\"", "verb.name")]
    [InlineData("Verb", "{}", "Verb")]
    [InlineData("object/id", "null", "object.id")]
    [InlineData("object/definition/moreInfo", "\"www.example.com\"", "object.definition.moreInfo")]
    [InlineData("object/definition/interactionType", null, "object.definition.interactionType")]
    [InlineData("object/definition/choices/1/id", "\"a\"", "object.definition.choices[1].id")]
    [InlineData("object/definition/extensions/x", "1", "object.definition.extensions.x")]
    [InlineData("object/definition/correctResponsesPattern", "\"a\"", "object.definition.correctResponsesPattern")]
    [InlineData("object/objectType", "\"activity\"", "object.objectType")]
    [InlineData("result/score/scaled", "1.01", "result.score.scaled")]
    [InlineData("result/score/raw", "11", "result.score.raw")]
    [InlineData("result/score/max", "0", "result.score.min")]
    [InlineData("result/score/raw", "\"5\"", "result.score.raw")]
    [InlineData("result/success", "\"true\"", "result.success")]
    [InlineData("result/duration", "\"P4W1D\"", "result.duration")]
    [InlineData("result/duration", "\"P0003-06-04T12:30:05\"", "result.duration")]
    [InlineData("context/registration", "\"7\"", "context.registration")]
    [InlineData("context/team", """{"mbox":"mailto:a@example.com"}""", "context.team.objectType")]
    [InlineData("context/contextActivities/parent", """{"id":"x"}""", "context.contextActivities.parent.id")]
    [InlineData("context/contextActivities/sibling", "[]", "context.contextActivities.sibling")]
    [InlineData("context/language", "\"anglais de France\"", "context.language")]
    [InlineData("context/statement/objectType", null, "context.statement.objectType")]
    [InlineData("timestamp", "\"2026-03-01T09:30:00-00:00\"", "timestamp")]
    [InlineData("timestamp", "\"2026-02-30T09:30:00Z\"", "timestamp")]
    [InlineData("version", "\"1.1.0\"", "version")]
    [InlineData("authority", """{"objectType":"Group","member":[{"mbox":"mailto:a@example.com"}]}""", "authority.member")]
    [InlineData("authority", """{"objectType":"Group","mbox":"mailto:a@example.com"}""", "authority")]
    [InlineData("attachments/0/length", "2.5", "attachments[0].length")]
    [InlineData("attachments/0/sha2", "\"abc\"", "attachments[0].sha2")]
    [InlineData("attachments/0/display", null, "attachments[0].display")]
    [InlineData("attachments", "{}", "attachments")]
    [InlineData("id", "\"6690e6c93ef04ed38b377f3964730bee\"", "id")]
    internal void Names_the_path_of_a_fault(string path, string? value, string where)
    {
        var statement = Parse(With(Full, path, value));

        Assert.All([XapiVersion.One, XapiVersion.Two], version => Assert.Contains(StatementRules.Faults(statement, version), f => f.Field == where));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    public void Refuses_what_is_no_object(string json) => Assert.Equal("$", Assert.Single(StatementRules.Faults(Parse(json), XapiVersion.Two)).Field);

    [Theory]
    [InlineData("""{"https://example.com/x":1e400}""")]
    [InlineData("""{"https://example.com/x":"\u0000"}""")]
    [InlineData("""{"https://example.com/x":"\ud800"}""")]
    [InlineData("""{"https://example.com/x":{"\udc00":1}}""")]
    public void Refuses_what_no_store_can_keep(string extensions) =>
        Assert.StartsWith("result.extensions", Assert.Single(StatementRules.Faults(Parse(Least.Replace(
            "\"verb\"", $$"""  "result":{"extensions":{{extensions}}},"verb" """, StringComparison.Ordinal)), XapiVersion.One)).Field, StringComparison.Ordinal);

    [Fact]
    public void Refuses_to_void_anything_but_a_statement()
    {
        var statement = With(Least, "verb/id", $"\"{StatementRules.Voided}\"");

        Assert.Equal("object.objectType", Assert.Single(StatementRules.Faults(Parse(statement), XapiVersion.One)).Field);
        Assert.Empty(StatementRules.Faults(Parse(With(statement, "object", $$"""{"objectType":"StatementRef","id":"{{Id}}"}""")), XapiVersion.One));
    }

    [Theory]
    [InlineData("id", "\"6690e6c9-3ef0-4ed3-8b37-7f3964730bee\"")]
    [InlineData("stored", "\"2026-03-01T09:30:00Z\"")]
    [InlineData("version", "\"1.0.0\"")]
    [InlineData("authority", """{"mbox":"mailto:a@example.com"}""")]
    public void Refuses_in_a_sub_statement_what_only_statements_have(string member, string value) =>
        Assert.Equal("object." + member, Assert.Single(StatementRules.Faults(Parse(With(SubStatement, "object/" + member, value)), XapiVersion.Two)).Field);

    [Fact]
    public void Refuses_a_sub_statement_within_a_sub_statement() =>
        Assert.Equal("object.object.objectType", Assert.Single(StatementRules.Faults(
            Parse(With(SubStatement, "object/object", Parse(SubStatement).GetProperty("object").GetRawText())), XapiVersion.One)).Field);

    [Fact]
    public void Revision_and_platform_are_for_activities()
    {
        var statement = With(With(Full, "object", """{"objectType":"Agent","mbox":"mailto:a@example.com"}"""), "context/revision", null);

        Assert.Equal("context.platform", Assert.Single(StatementRules.Faults(Parse(statement), XapiVersion.One)).Field);
    }

    [Theory]
    [InlineData("contextAgents", """[{"objectType":"contextAgent","agent":{"mbox":"mailto:a@example.com"},"relevantTypes":["https://example.com/t"]}]""", null)]
    [InlineData("contextAgents", """[{"objectType":"contextAgent","agent":{"mbox":"mailto:a@example.com"},"relevantTypes":[]}]""", "context.contextAgents[0].relevantTypes")]
    [InlineData("contextAgents", """[{"objectType":"agent","agent":{"mbox":"mailto:a@example.com"}}]""", "context.contextAgents[0].objectType")]
    [InlineData("contextGroups", """[{"objectType":"contextGroup","group":{"mbox":"mailto:a@example.com"}}]""", "context.contextGroups[0].group.objectType")]
    [InlineData("contextGroups", """[{"objectType":"contextGroup","group":{"objectType":"Group","mbox":"mailto:a@example.com"}}]""", null)]
    public void Context_agents_and_groups_belong_to_version_two(string member, string value, string? fault)
    {
        var statement = Parse(With(Full, "context/" + member, value));

        Assert.Equal(fault, StatementRules.Faults(statement, XapiVersion.Two).SingleOrDefault()?.Field);
        Assert.Contains(StatementRules.Faults(statement, XapiVersion.One), f => f.Field == "context." + member);
    }

    [Theory]
    [InlineData("2026-03-01T09:30:00", true, false)]
    [InlineData("20260301T093000Z", true, false)]
    [InlineData("2026-03-01T09:30Z", true, false)]
    [InlineData("2026-03-01T09:30:00.123456789Z", true, true)]
    [InlineData("2026-03-01T09:30:00+05:30", true, true)]
    [InlineData("2026-03-01 09:30:00Z", false, true)]
    [InlineData("2026-03-01T09:30:00.Z", false, false)]
    [InlineData("2026-03-01T09:30:00x5Z", false, false)]
    [InlineData("2026-03-01T24:00:00Z", false, false)]
    [InlineData("2026-02-29T09:30:00Z", false, false)]
    [InlineData("0000-03-01T09:30:00Z", false, false)]
    [InlineData("\u0662\u0660\u0662\u0666-03-01T09:30:00Z", false, false)]
    [InlineData("2026-03-01T09:30:00.\u0665Z", false, false)]
    [InlineData("2026-03-01", false, false)]
    [InlineData("01/03/2026", false, false)]
    public void Version_two_is_stricter_about_times(string text, bool one, bool two)
    {
        Assert.Equal(one, XapiText.TryTime(text, XapiVersion.One, out _));
        Assert.Equal(two, XapiText.TryTime(text, XapiVersion.Two, out _));
    }

    [Theory]
    [InlineData("2026-03-01T09:30:00.1234567Z", 1_234_567)]
    [InlineData("2026-03-01T09:30:00.1234567+00:00", 1_234_567)]
    [InlineData("2026-03-01T09:30:00.12345678999Z", 1_234_567)]
    [InlineData("2026-03-01T09:30:00.5Z", 5_000_000)]
    [InlineData("2026-03-01T09:30:00Z", 0)]
    public void A_time_is_read_to_a_tenth_of_a_microsecond(string text, long ticks)
    {
        foreach (var version in (XapiVersion[])[XapiVersion.One, XapiVersion.Two])
        {
            Assert.True(XapiText.TryTime(text, version, out var time));
            Assert.Equal(new DateTimeOffset(2026, 3, 1, 9, 30, 0, TimeSpan.Zero).AddTicks(ticks), time);
        }
    }

    [Theory]
    [InlineData("https://example.com/x?y=z#a", true)]
    [InlineData("urn:uuid:0", true)]
    [InlineData("a+b.c-1:\u00e9\ud83d\ude00", true)]
    [InlineData("x:y:z", true)]
    [InlineData("https:", false)]
    [InlineData(":x", false)]
    [InlineData("", false)]
    [InlineData("example.com/x", false)]
    [InlineData("1a:x", false)]
    [InlineData("a_b:x", false)]
    [InlineData("https://example.com/a b", false)]
    [InlineData("https://example.com/a\u00a0b", false)]
    [InlineData("https://example.com/a\u2028", false)]
    [InlineData("https://example.com/{x}", false)]
    [InlineData("https://example.com/\\x", false)]
    public void An_iri_has_a_scheme_and_no_blanks_or_quotes(string text, bool good) => Assert.Equal(good, XapiText.IsIri(text));

    [Theory]
    [InlineData("en", true)]
    [InlineData("en-GB", true)]
    [InlineData("zh-Hant-TW", true)]
    [InlineData("x-pirate", true)]
    [InlineData("e", false)]
    [InlineData("en-", false)]
    [InlineData("en_GB", false)]
    [InlineData("en-G1", false)]
    [InlineData("\u00e9n", false)]
    public void A_language_tag_is_one_of_rfc_5646(string text, bool good) => Assert.Equal(good, XapiText.IsLanguageTag(text));

    [Theory]
    [InlineData("PT12M30S", true)]
    [InlineData("PT\u0663S", false)]
    public void A_duration_is_written_in_digits_of_ascii(string text, bool good) => Assert.Equal(good, XapiText.IsDuration(text));

    [Theory]
    [InlineData("text/plain", true)]
    [InlineData("text/plain; charset=utf-8", true)]
    [InlineData("text", false)]
    [InlineData("text/plain; name=\u00e9", false)]
    [InlineData("text/plain;\r\nSet-Cookie: x", false)]
    public void A_media_type_can_be_said_again_in_a_header(string text, bool good) => Assert.Equal(good, XapiText.IsMediaType(text));

    [Theory]
    [InlineData("1.0", XapiVersion.One)]
    [InlineData("1.0.3", XapiVersion.One)]
    [InlineData("1.0.9", XapiVersion.One)]
    [InlineData("2.0.0", XapiVersion.Two)]
    [InlineData("2.0", XapiVersion.Two)]
    [InlineData("0.95", null)]
    [InlineData("1.1.0", null)]
    [InlineData("2.1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    internal void Speaks_two_versions(string? header, XapiVersion? version) => Assert.Equal(version, XapiVersions.Parse(header));
}
