using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Mappings;

namespace LearningLedger.Tests.Mappings;

public class StatementMappingTests
{
    private const string Quiz = "https://lms.example/quiz/7";
    private const string Adl = "http://adlnet.gov/expapi/verbs/";
    private const string Cmi5Verbs = "https://w3id.org/xapi/adl/verbs/";
    private const string Categories = "https://w3id.org/xapi/cmi5/context/categories/";
    private const string Extensions = "https://w3id.org/xapi/cmi5/context/extensions/";

    [Theory]
    [InlineData("""{"scaled":0.5}""", "0.5")]
    [InlineData("""{"scaled":-0.5}""", "0")]
    [InlineData("""{"scaled":0.9,"raw":1,"min":0,"max":10}""", "0.9")]
    [InlineData("""{"raw":50,"max":80}""", "0.625")]
    [InlineData("""{"raw":15,"min":10,"max":20}""", "0.5")]
    [InlineData("""{"scaled":0.69999999999999999999}""", "0.699999999999999")]
    [InlineData("""{"raw":2,"max":3}""", "0.666666666666666")]
    [InlineData("""{"raw":2}""", null)]
    [InlineData("""{"raw":2,"min":3,"max":3}""", null)]
    [InlineData("""{"raw":1e28,"min":-7e28,"max":7e28}""", null)]
    public void Scales_a_score_and_rounds_nobody_up(string score, string? expected) =>
        Assert.Equal(
            expected is null ? null : decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            StatementScore.Of(Json($$"""{"result":{"score":{{score}} } }""")));

    [Theory]
    [InlineData("passed", true)]
    [InlineData("failed", true)]
    [InlineData("completed", true)]
    [InlineData("scored", true)]
    [InlineData("answered", false)]
    public void A_rule_without_verbs_takes_those_that_say_how_a_try_ended(string verb, bool counts)
    {
        var facts = Map(new MappingRule("linux", [Quiz]), Statement(verb, """ "result":{"score":{"scaled":0.75},"duration":"PT5M"} """));

        Assert.Equal(counts ? [new MappedFact.Attempt(new SkillAttempted("linux", 0.75m, Quiz, "PT5M"))] : [], facts);
    }

    [Theory]
    [InlineData("https://lms.example/quiz/7", true)]
    [InlineData("https://lms.example/quiz/*", true)]
    [InlineData("https://lms.example/quiz/", false)]
    [InlineData("https://lms.example/quiz/77", false)]
    [InlineData("https://lms.example/Quiz/*", false)]
    public void An_activity_is_named_whole_or_by_its_beginning(string pattern, bool counts) =>
        Assert.Equal(counts, Map(new MappingRule("linux", [pattern]), Scored(0.75m)).Count == 1);

    [Theory]
    [InlineData("""{"parent":{"id":"https://lms.example/course/1"}}""", true)]
    [InlineData("""{"grouping":[{"id":"https://lms.example"},{"id":"https://lms.example/course/1"}]}""", true)]
    [InlineData("""{"other":[{"id":"https://lms.example/course/1"}]}""", false)]
    public void The_course_may_be_asked_for(string context, bool counts) =>
        Assert.Equal(counts, Map(
            new MappingRule("linux", [Quiz], Within: ["https://lms.example/course/*"]), Scored(0.75m, $$""" "context":{"contextActivities":{{context}} } """)).Count == 1);

    [Theory]
    [InlineData(""" "context":{"extensions":{"https://lms.example/final":true}} """, true)]
    [InlineData(""" "context":{"extensions":{"https://lms.example/final":"true"}} """, true)]
    [InlineData(""" "context":{"extensions":{"https://lms.example/final":false}} """, false)]
    [InlineData(""" "context":{"extensions":{"https://lms.example/final":{"a":1}}} """, false)]
    [InlineData(""" "context":{} """, false)]
    public void An_extension_must_have_its_value(string context, bool counts) =>
        Assert.Equal(counts, Map(
            new MappingRule("linux", [Quiz], Extensions: new Dictionary<string, string> { ["https://lms.example/final"] = "true" }), Scored(0.75m, context)).Count == 1);

    [Theory]
    [InlineData("completed", """ "result":{"completion":true} """, true)]
    [InlineData("completed", """ "object2":{} """, true)]
    [InlineData("completed", """ "result":{"completion":false} """, false)]
    [InlineData("passed", """ "result":{"success":false} """, false)]
    [InlineData("passed", """ "result":{"score":{"raw":7}} """, false)]
    [InlineData("failed", """ "result":{"success":true} """, false)]
    public void A_fixed_score_is_for_statements_that_give_none_and_do_not_speak_of_failure(string verb, string rest, bool counts) =>
        Assert.Equal(counts, Map(new MappingRule("linux", [Quiz], Score: 0.8m), Statement(verb, rest)).Count == 1);

    [Fact]
    public void One_statement_tries_a_skill_once_and_may_try_several()
    {
        var facts = StatementMapping.Of(
            [
                new MappingDefinition("one", 1, [new MappingRule("linux", [Quiz]), new MappingRule("linux", ["https://lms.example/*"]), new MappingRule("bash", [Quiz])]),
                new MappingDefinition("two", 1, [new MappingRule("linux", [Quiz])]),
            ],
            Scored(0.75m));

        Assert.Equal(["linux", "bash"], facts.OfType<MappedFact.Attempt>().Select(a => a.Event.Skill));
    }

    [Fact]
    public void Attachments_are_evidence_but_signatures_are_not()
    {
        var sha = new string('A', 64);
        string Attachment(string usage, string hash, string more = "") =>
            $$"""{"usageType":"{{usage}}","display":{"en":"Report"},"contentType":"application/pdf","length":5,"sha2":"{{hash}}"{{more}}}""";
        var facts = Map(
            new MappingRule("linux", [Quiz], Evidence: new MappedEvidence("welder")),
            Statement("completed", $$""" "attachments":[{{Attachment("http://example.com/report", sha, ""","fileUrl":"https://lms.example/f" """)}},{{Attachment("http://adlnet.gov/expapi/attachments/signature", sha)}},{{Attachment("http://example.com/old", new string('b', 56))}}] """));

        var evidence = Assert.IsType<MappedFact.Evidence>(Assert.Single(facts));
        Assert.Equal(("application/pdf", 5L, new string('a', 64), "https://lms.example/f", "welder", "Report"),
            (evidence.MediaType, evidence.Size, evidence.Sha256, evidence.FileUrl, evidence.Milestone, evidence.Title));
    }

    [Fact]
    public void A_verb_that_takes_back_gives_doubt_and_no_attempt()
    {
        var rule = new MappingRule("linux", [Quiz], Score: 1, DoubtedBy: [Adl + "failed"]);

        Assert.Equal([new MappedFact.Doubt("linux", Quiz)], Map(rule, Statement("failed", """ "result":{"success":false} """)));
        Assert.IsType<MappedFact.Attempt>(Assert.Single(Map(rule, Statement("passed", """ "result":{"success":true} """))));
    }

    [Theory]
    [InlineData(Adl + "passed", """{"success":true,"score":{"scaled":0.9}}""", true)]
    [InlineData(Adl + "passed", """{"success":true,"score":{"scaled":0.7}}""", false)]
    [InlineData(Adl + "passed", """{"score":{"scaled":0.9}}""", false)]
    [InlineData(Adl + "failed", """{"success":false,"score":{"scaled":0.7}}""", true)]
    [InlineData(Adl + "failed", """{"success":false,"score":{"scaled":0.9}}""", false)]
    [InlineData(Adl + "completed", """{"completion":true}""", true)]
    [InlineData(Adl + "completed", """{"completion":true,"score":{"scaled":0.9}}""", false)]
    [InlineData(Cmi5Verbs + "waived", """{"success":true,"completion":true,"extensions":{"https://w3id.org/xapi/cmi5/result/extensions/reason":"Tested Out"}}""", true)]
    [InlineData(Cmi5Verbs + "waived", """{"success":true,"completion":true}""", false)]
    [InlineData(Cmi5Verbs + "satisfied", """{"success":true,"completion":true,"score":{"scaled":1}}""", false)]
    [InlineData(Adl + "terminated", """{"score":{"scaled":1}}""", false)]
    public void Content_of_cmi5_counts_by_its_rules(string verb, string result, bool counts)
    {
        var rule = new MappingRule(
            "linux", [Quiz], [Adl + "passed", Adl + "failed", Adl + "completed", Adl + "terminated", Cmi5Verbs + "waived", Cmi5Verbs + "satisfied"], Score: 1);
        var context = $$$"""
            "context":{"contextActivities":{"category":[{"id":"{{{Categories}}}cmi5"},{"id":"{{{Categories}}}moveon"}]},"extensions":{"{{{Extensions}}}sessionid":"1","{{{Extensions}}}masteryscore":0.8}}
            """;

        Assert.Equal(counts, Map(rule, Statement(verb, $"\"result\":{result},{context}")).Count == 1);
    }

    [Theory]
    [InlineData("passed", false)]
    [InlineData("scored", true)]
    public void In_a_cmi5_session_its_verbs_decide_nothing_outside_its_category(string verb, bool counts) =>
        Assert.Equal(counts, Map(new MappingRule("linux", [Quiz]), Scored(0.9m, $$$""" "context":{"extensions":{"{{{Extensions}}}sessionid":"1"}} """, verb)).Count == 1);

    [Fact]
    public void Looks_at_a_statement_only_where_a_rule_may_have_a_word()
    {
        MappingDefinition[] mappings = [new("one", 1, [new MappingRule("linux", [Quiz], DoubtedBy: ["https://lms.example/verbs/undid"])])];

        Assert.True(StatementMapping.Concerns(mappings, Adl + "passed", Quiz));
        Assert.True(StatementMapping.Concerns(mappings, "https://lms.example/verbs/undid", Quiz));
        Assert.False(StatementMapping.Concerns(mappings, Adl + "answered", Quiz));
        Assert.False(StatementMapping.Concerns(mappings, Adl + "passed", "https://lms.example/quiz/8"));
        Assert.False(StatementMapping.Concerns(mappings, Adl + "passed", null));
    }

    private static IReadOnlyList<MappedFact> Map(MappingRule rule, JsonElement statement) => StatementMapping.Of([new MappingDefinition("one", 1, [rule])], statement);

    private static JsonElement Scored(decimal score, string? rest = null, string verb = "passed") => Statement(
        verb, string.Create(System.Globalization.CultureInfo.InvariantCulture, $$""" "result":{"score":{"scaled":{{score}} } }{{(rest is null ? "" : "," + rest)}} """));

    private static JsonElement Statement(string verb, string rest) => Json(
        $$"""{"verb":{"id":"{{Iri(verb)}}"},"object":{"id":"{{Quiz}}"},{{rest}}}""");

    private static string Iri(string verb) => verb.Contains(':', StringComparison.Ordinal) ? verb : Adl + verb;

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
