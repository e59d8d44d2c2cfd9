using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

/// <summary>What platforms really send, from a first statement to an awarded milestone. The samples are ours, in the platforms' shape.</summary>
public sealed class PlatformSamplesTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    /// <summary>One milestone that asks for attempts alone.</summary>
    private const string Networks =
        """
        {"code":"networks","title":"Networks","milestones":[
          {"code":"netter","level":0,"title":"Netter","summary":"Knows the wires.","skills":["subnets","reporting"],
           "rule":{"passingScore":0.8,"attempts":"best","evidence":{"minimum":0,"distinctAssessors":0},"requires":[],"decision":"automatic"}}],
         "skills":[{"code":"subnets","title":"Subnets"},{"code":"reporting","title":"Reporting"}]}
        """;

    private const string Moodle =
        """
        {"framework":"networks","rules":[
          {"skill":"subnets","activities":["https://moodle.example/mod/quiz/view.php?id=12"],"within":["https://moodle.example/course/view.php?id=4"]},
          {"skill":"reporting","activities":["https://moodle.example/mod/assign/view.php?id=15"],"verbs":["http://adlnet.gov/expapi/verbs/scored"]}]}
        """;

    private const string OpenEdx =
        """
        {"framework":"networks","rules":[
          {"skill":"subnets","activities":["https://courses.example/xblock/*"],"verbs":["https://w3id.org/xapi/acrossx/verbs/evaluated"]},
          {"skill":"reporting","activities":["https://courses.example/course/course-v1:Example+NET1+2026_T1"],"verbs":["http://id.tincanapi.com/verb/earned"],
           "doubtedBy":["http://adlnet.gov/expapi/verbs/failed"]}]}
        """;

    [Fact]
    public async Task Moodle_posts_its_log_and_the_milestone_is_awarded()
    {
        using var room = await RoomAsync(Moodle);
        using var client = await room.Tenant.XapiAsync("1.0.3", Scopes.StatementsWrite);

        await PostAsync(client, "moodle-logstore_xapi");

        var transcript = await AwardedAsync(room, "https://moodle.example", "31");
        Assert.Equal([("reporting", 0.885m, 1), ("subnets", 0.85m, 1)], Skills(transcript));
        var attempt = transcript["skills"]![1]!["events"]![0]!;
        Assert.Equal(("https://moodle.example", "2026-02-02T08:24:40.000000Z"), (attempt["source"]!.GetValue<string>(), attempt["occurred"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Open_edX_posts_its_events_and_a_grade_taken_back_flags_the_award()
    {
        using var room = await RoomAsync(OpenEdx);
        using var client = await room.Tenant.XapiAsync("1.0.3", Scopes.StatementsWrite);
        const string learner = "7d0f6f0e-2f0b-4b53-9c0e-4a5a6f3d9b11";

        await PostAsync(client, "openedx-event-routing-backends");
        var transcript = await AwardedAsync(room, "https://courses.example", learner);
        Assert.Equal([("reporting", 0.82m, 1), ("subnets", 1m, 2)], Skills(transcript));
        Assert.False(transcript["milestones"]![0]!["flagged"]!.GetValue<bool>());

        // A platform that is not sure sends everything again.
        await PostAsync(client, "openedx-event-routing-backends");
        await PostAsync(client, "openedx-now-failed");
        var after = await AwardedAsync(room, "https://courses.example", learner);
        Assert.Equal([("reporting", 0.82m, 1), ("subnets", 1m, 2)], Skills(after));
        Assert.Equal(("awarded", true), (after["milestones"]![0]!["status"]!.GetValue<string>(), after["milestones"]![0]!["flagged"]!.GetValue<bool>()));
    }

    private async Task<Classroom> RoomAsync(string mapping)
    {
        var room = await Classroom.OpenAsync(fixture, Networks);
        using var published = await room.Admin.PostAsync("/v1/frameworks/networks/mapping", LedgerFixture.Json(mapping));
        await published.ShouldBeAsync(HttpStatusCode.Created);
        return room;
    }

    private static async Task PostAsync(HttpClient client, string sample)
    {
        using var answer = await client.PostAsync(Statements, LedgerFixture.Json(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Xapi", "Samples", sample + ".json"))));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>The transcript, once the milestone is on it.</summary>
    private static async Task<JsonNode> AwardedAsync(Classroom room, string source, string subject)
    {
        var learner = (await room.Auditor.ReadAsync($"/v1/learners?source={source}&subject={subject}"))["id"]!.GetValue<Guid>();
        await room.AwardedAsync(learner, "netter");
        return await room.Auditor.ReadAsync($"/v1/learners/{learner:D}/transcript");
    }

    private static IEnumerable<(string, decimal, int)> Skills(JsonNode transcript) =>
        transcript["skills"]!.AsArray().Select(s => (s!["skill"]!.GetValue<string>(), s["best"]!.GetValue<decimal>(), s["attempts"]!.GetValue<int>()));
}
