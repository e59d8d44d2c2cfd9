using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class MappingTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const string Passed = "http://adlnet.gov/expapi/verbs/passed";
    private const string Failed = "http://adlnet.gov/expapi/verbs/failed";
    private const string Rules =
        $$"""
        {"framework":"small","rules":[
          {"skill":"alpha","activities":["{{Activity}}"],"doubtedBy":["{{Failed}}"]},
          {"skill":"beta","activities":["{{Activity}}","https://lms.example/beta/*"],"evidence":{} }]}
        """;

    [Fact]
    public async Task A_mapping_is_published_read_and_never_changed()
    {
        var tenant = await fixture.TenantAsync();
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        using var none = await admin.GetAsync("/v1/frameworks/small/mapping");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var first = await PublishAsync(admin, Rules);
        await first.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("/v1/frameworks/small/mapping/versions/1", first.Headers.Location!.ToString());
        using var again = await PublishAsync(admin, Rules);
        await again.ShouldBeAsync(HttpStatusCode.OK);
        using var second = await PublishAsync(admin, """{"framework":"small","rules":[]}""");
        await second.ShouldBeAsync(HttpStatusCode.Created);

        Assert.Equal(2, (await admin.ReadAsync("/v1/frameworks/small/mapping"))["version"]!.GetValue<int>());
        var kept = await admin.ReadAsync("/v1/frameworks/small/mapping/versions/1");
        Assert.Equal(["alpha", "beta"], kept["rules"]!.AsArray().Select(r => r!["skill"]!.GetValue<string>()));
        using var stranger = await (await fixture.TenantAsync()).ClientAsync(Scopes.Admin);
        using var hidden = await stranger.GetAsync("/v1/frameworks/small/mapping");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    [Theory]
    [InlineData("small", """{"framework":"other","rules":[]}""", 422, "framework")]
    [InlineData("small", """{"framework":"small","rules":[{"skill":"delta","activities":["https://lms.example/*"]}]}""", 422, "rules[0].skill")]
    [InlineData("small", """{"framework":"small","rules":[{"skill":"alpha","activities":["https://lms.example/*"],"evidence":{"milestone":"top"}}]}""", 422, "rules[0].evidence.milestone")]
    [InlineData("small", """{"framework":"small","rules":[{"skill":"alpha","activities":["here"]}]}""", 422, "rules[0].activities[0]")]
    [InlineData("small", """{"framework":"small","version":7,"rules":[]}""", 409, null)]
    [InlineData("unknown", """{"framework":"unknown","rules":[]}""", 404, null)]
    public async Task A_faulty_mapping_is_refused_by_name(string code, string mapping, int status, string? field)
    {
        using var admin = await (await fixture.TenantAsync()).ClientAsync(Scopes.Admin);
        using var answer = await PublishAsync(admin, mapping, code);

        Assert.Equal(status, (int)answer.StatusCode);
        if (field is not null)
        {
            Assert.Equal(field, (await answer.JsonAsync())["errors"]![0]!["field"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_statement_gives_its_attempts_in_the_same_commit()
    {
        using var room = await RoomAsync();
        using var client = await room.Tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        var id = Assert.Single(await client.StoredAsync(Statement(actor: "zoe", verb: Passed, rest: ""","result":{"score":{"raw":17,"max":20}},"timestamp":"2026-01-05T10:00:00Z" """)));

        var events = await EventsAsync(room, "zoe");
        Assert.Equal(["learner.registered", "statement.stored", "skill.attempted", "skill.attempted"], events.Select(Type));
        var statement = LedgerIds.StatementEvent(room.Tenant.Name, id);
        Assert.Equal([LedgerIds.Mapped(statement, 1), LedgerIds.Mapped(statement, 2)], events[2..].Select(e => e["eventId"]!.GetValue<Guid>()));
        Assert.Equal(["alpha", "beta"], events[2..].Select(e => e["data"]!["skill"]!.GetValue<string>()));
        Assert.Equal(("0.85", "2026-01-05T10:00:00.000000Z", "https://lms.example", Activity), (
            events[2]["data"]!["score"]!.ToJsonString(), events[2]["occurred"]!.GetValue<string>(), events[2]["source"]!.GetValue<string>(), events[2]["data"]!["activity"]!.GetValue<string>()));
        Assert.Equal(statement.ToString(), await fixture.AskAsync<string>($"select causation_id from ledger.mt_events where id = '{LedgerIds.Mapped(statement, 1)}'"));

        // Said again it means nothing new; about something else, or by another tenant, nothing at all.
        await client.StoredAsync(Statement(id, actor: "zoe", verb: Passed, rest: ""","result":{"score":{"raw":17,"max":20}},"timestamp":"2026-01-05T10:00:00Z" """));
        await client.StoredAsync(Statement(actor: "zoe", verb: Passed, activity: "https://lms.example/else", rest: ""","result":{"score":{"scaled":1}} """));
        Assert.Equal(2, (await EventsAsync(room, "zoe")).Count(e => Type(e) == "skill.attempted"));
    }

    [Fact]
    public async Task A_group_learns_nothing_and_a_new_version_counts_from_the_next_statement_on()
    {
        using var room = await RoomAsync();
        using var client = await room.Tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        var scored = Statement(actor: "zoe", verb: Passed, rest: ""","result":{"score":{"scaled":1}} """);
        await client.StoredAsync(scored.Replace("\"actor\":{", "\"actor\":{\"objectType\":\"Group\",", StringComparison.Ordinal));
        Assert.Equal(0, await fixture.AskAsync<long>($"select count(*) from ledger.mt_events where tenant_id = '{room.Tenant.Name}' and type = 'skill.attempted'"));

        await client.StoredAsync(scored);
        using var emptied = await PublishAsync(room.Admin, """{"framework":"small","rules":[]}""");
        await emptied.ShouldBeAsync(HttpStatusCode.Created);
        await client.StoredAsync(scored);
        Assert.Equal(2, (await EventsAsync(room, "zoe")).Count(e => Type(e) == "skill.attempted"));
    }

    [Theory]
    [InlineData("after")]
    [InlineData("before")]
    [InlineData("together")]
    [InlineData("together, the voiding one first")]
    public async Task Voiding_a_statement_voids_what_it_gave(string order)
    {
        using var room = await RoomAsync();
        using var client = await room.Tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        var (id, voiding) = (Guid.NewGuid(), Guid.NewGuid());
        var statement = Statement(id, actor: "zoe", verb: Passed, rest: ""","result":{"score":{"scaled":0.9}} """);
        string[][] posts = order switch
        {
            "after" => [[statement], [Voiding(id, voiding)]],
            "before" => [[Voiding(id, voiding)], [statement]],
            "together" => [[statement, Voiding(id, voiding)]],
            _ => [[Voiding(id, voiding), statement]],
        };
        foreach (var post in posts)
        {
            await client.StoredAsync(post);
        }

        // A second voiding changes nothing.
        await client.StoredAsync(Voiding(id));

        var events = await EventsAsync(room, "zoe");
        Assert.Equal(["learner.registered", "statement.stored", "skill.attempted", "skill.attempted", "attempt.voided", "attempt.voided"], events.Select(Type));
        var voider = LedgerIds.StatementEvent(room.Tenant.Name, voiding);
        Assert.Equal([LedgerIds.Mapped(voider, 1), LedgerIds.Mapped(voider, 2)], events[4..].Select(e => e["eventId"]!.GetValue<Guid>()));
        Assert.Equal(events[2..4].Select(e => e["eventId"]!.GetValue<Guid>()), events[4..].Select(e => e["data"]!["attempt"]!.GetValue<Guid>()));
        var learner = await LearnerAsync(room, "zoe");
        var skills = (await room.Auditor.ReadAsync($"/v1/learners/{learner:D}/transcript"))["skills"]!.AsArray();
        Assert.All(skills, s => Assert.Equal((1, 1), (s!["attempts"]!.GetValue<int>(), s["voided"]!.GetValue<int>())));
    }

    [Fact]
    public async Task What_a_person_voided_is_not_voided_twice()
    {
        using var room = await RoomAsync();
        using var client = await room.Tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        var id = Assert.Single(await client.StoredAsync(Statement(actor: "zoe", verb: Passed, activity: "https://lms.example/beta/1", rest: ""","result":{"score":{"scaled":0.9}} """)));
        var learner = await LearnerAsync(room, "zoe");
        using var byHand = await Classroom.VoidAsync(room.Board, learner, LedgerIds.Mapped(LedgerIds.StatementEvent(room.Tenant.Name, id), 1));
        await byHand.ShouldBeAsync(HttpStatusCode.OK);

        await client.StoredAsync(Voiding(id));

        Assert.Single(await EventsAsync(room, "zoe"), e => Type(e) == "attempt.voided");
    }

    [Fact]
    public async Task Attachments_become_evidence_and_voiding_withdraws_it()
    {
        using var room = await RoomAsync();
        using var client = await room.Tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        var id = Assert.Single(await client.StoredAsync(Statement(actor: "zoe", verb: Passed, rest: WithReport)));
        var learner = await AcceptedAsync(room, "zoe");
        Assert.Contains("https://lms.example/f/1", (await room.Auditor.ReadAsync($"/v1/learners/{learner:D}/events?open=true")).ToJsonString(), StringComparison.Ordinal);

        await client.StoredAsync(Voiding(id));

        Assert.Equal("withdrawn", (await room.Auditor.ReadAsync($"/v1/learners/{learner:D}/transcript"))["skills"]![0]!["evidence"]![0]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_award_is_flagged_when_the_platform_takes_back_what_it_rests_on()
    {
        using var room = await RoomAsync();
        using var client = await room.Tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        await client.StoredAsync(Statement(actor: "zoe", verb: Passed, rest: WithReport + ""","result":{"score":{"scaled":0.9}} """));
        var learner = await AcceptedAsync(room, "zoe");
        await room.AwardedAsync(learner, "base");

        var failed = Assert.Single(await client.StoredAsync(Statement(actor: "zoe", verb: Failed)));
        await client.StoredAsync(Statement(actor: "zoe", verb: Failed), Statement(actor: "somebody-else", verb: Failed));

        var flag = Assert.Single(await EventsAsync(room, "zoe"), e => Type(e) == "award.flagged");
        Assert.Equal(("now-failed", LedgerIds.StatementEvent(room.Tenant.Name, failed)), (flag["data"]!["reason"]!.GetValue<string>(), flag["data"]!["causes"]![0]!.GetValue<Guid>()));
        var milestone = (await room.Auditor.ReadAsync($"/v1/learners/{learner:D}/transcript"))["milestones"]![0]!;
        Assert.Equal(("awarded", true), (milestone["status"]!.GetValue<string>(), milestone["flagged"]!.GetValue<bool>()));
    }

    private static Task<HttpResponseMessage> PublishAsync(HttpClient admin, string mapping, string framework = "small") =>
        admin.PostAsync($"/v1/frameworks/{framework}/mapping", LedgerFixture.Json(mapping));

    private async Task<Classroom> RoomAsync()
    {
        var room = await Classroom.OpenAsync(fixture);
        using var published = await PublishAsync(room.Admin, Rules);
        await published.ShouldBeAsync(HttpStatusCode.Created);
        return room;
    }

    private static readonly string WithReport =
        $$""","attachments":[{"usageType":"https://lms.example/report","display":{"en":"My report"},"contentType":"application/pdf","length":5,"sha2":"{{new string('a', 64)}}","fileUrl":"https://lms.example/f/1"}]""";

    /// <summary>Accepts the last evidence of a learner.</summary>
    private static async Task<Guid> AcceptedAsync(Classroom room, string name)
    {
        var learner = await LearnerAsync(room, name);
        var submitted = (await EventsAsync(room, name))[^1];
        Assert.Equal("evidence.submitted", Type(submitted));
        Assert.DoesNotContain("report", submitted["data"]!.ToJsonString(), StringComparison.Ordinal);
        using var reviewed = await Classroom.ReviewAsync(room.Assessor, learner, submitted["data"]!["evidence"]!.GetValue<Guid>(), "accepted");
        await reviewed.ShouldBeAsync(HttpStatusCode.Created);
        return learner;
    }

    private static string Type(JsonNode e) => e["type"]!.GetValue<string>();

    private static async Task<Guid> LearnerAsync(Classroom room, string name) =>
        (await room.Auditor.ReadAsync($"/v1/learners?source=https://lms.example&subject={name}"))["id"]!.GetValue<Guid>();

    private static async Task<List<JsonNode>> EventsAsync(Classroom room, string name) =>
        [.. (await room.Auditor.ReadAsync($"/v1/learners/{await LearnerAsync(room, name):D}/events"))["events"]!.AsArray().OfType<JsonNode>()];
}
