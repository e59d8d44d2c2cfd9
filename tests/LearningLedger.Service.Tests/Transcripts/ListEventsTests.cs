using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Transcripts;

public sealed class ListEventsTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Lists_the_stream_and_the_memberships_by_sequence()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync([.. Scopes.All]);
        using var opened = await client.PostAsync("/v1/cohorts", LedgerFixture.Json("""{"code":"spring","name":"Spring","framework":"small"}"""));
        await opened.ShouldBeAsync(HttpStatusCode.Created);
        var evidence = Guid.NewGuid();
        var learner = (string)(await Tenant.PostAsync(
            client, Tenant.Attempt("1", "ann", "alpha", 0.5), Tenant.Event("2", "ann", "cohort.joined", """{"cohort":"spring"}"""),
            Tenant.Event("3", "bob", "cohort.joined", """{"cohort":"spring"}"""), Tenant.Evidence("4", "ann", evidence)))["receipts"]![0]!["learner"]!;
        var path = $"/v1/learners/{learner}/events";

        var page = JsonNode.Parse(await client.ReadAsync(path))!;

        var events = page["events"]!.AsArray();
        Assert.Equal(["cohort.joined", "evidence.submitted", "learner.registered", "skill.attempted"], events.Select(e => (string)e!["type"]!).Order(StringComparer.Ordinal));
        Assert.Equal(events.Select(e => (long)e!["sequence"]!).Order(), events.Select(e => (long)e!["sequence"]!));
        Assert.Null(page["next"]);
        Assert.True(page.AsObject().ContainsKey("next"));
        var attempt = events.Single(e => (string)e!["type"]! == "skill.attempted")!;
        Assert.Equal("2026-01-05T10:00:00.000000Z", (string)attempt["occurred"]!);
        Assert.Equal(Tenant.Source, (string)attempt["source"]!);
        Assert.Equal("alpha", (string)attempt["data"]!["skill"]!);
        Assert.StartsWith("key:", (string)attempt["actor"]!, StringComparison.Ordinal);
        await tenant.GuardedAsync(path, Scopes.AuditRead);
    }

    [Fact]
    public async Task Sealed_texts_stay_sealed_unless_they_are_asked_for()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.AuditRead);
        var learner = (string)(await Tenant.PostAsync(client, Tenant.Evidence("4", "ann", Guid.NewGuid())))["receipts"]![0]!["learner"]!;

        var closed = JsonNode.Parse(await client.ReadAsync($"/v1/learners/{learner}/events"))!["events"]![1]!["data"]!;
        var open = JsonNode.Parse(await client.ReadAsync($"/v1/learners/{learner}/events?open=true"))!["events"]![1]!["data"]!;

        Assert.Equal(["sealed"], closed["title"]!.AsObject().Select(p => p.Key));
        Assert.Equal("My work", (string)open["title"]!["text"]!);
        Assert.Equal((string)closed["title"]!["sealed"]!, (string)open["title"]!["sealed"]!);
        Assert.Equal("https://platform.example/f/1", (string)open["location"]!["text"]!);
    }

    [Fact]
    public async Task Pages_hold_a_thousand_and_lead_to_the_next()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.AuditRead);
        var learner = (string)(await Tenant.PostAsync(client, [.. Enumerable.Range(0, 2_005).Select(i => Tenant.Attempt($"{i}", "ann", "alpha", 0.5))]))["receipts"]![0]!["learner"]!;

        var sizes = new List<int>();
        var versions = new List<long>();
        for (var next = $"/v1/learners/{learner}/events?open=true"; next is not null;)
        {
            var page = JsonNode.Parse(await client.ReadAsync(next))!;
            sizes.Add(page["events"]!.AsArray().Count);
            versions.AddRange(page["events"]!.AsArray().Select(e => (long)e!["version"]!));
            next = (string?)page["next"];
        }

        Assert.Equal([1_000, 1_000, 6], sizes);
        Assert.Equal(Enumerable.Range(1, 2_006).Select(v => (long)v), versions);
    }

    [Theory, InlineData("after=x"), InlineData("after=-1"), InlineData("open=perhaps")]
    public async Task Refuses_what_it_cannot_read(string query)
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var client = await tenant.ClientAsync(Scopes.AuditRead);

        await client.RefusesAsync($"/v1/learners/{Guid.NewGuid():D}/events?{query}", HttpStatusCode.BadRequest);
        await client.RefusesAsync($"/v1/learners/{Guid.NewGuid():D}/events", HttpStatusCode.NotFound);
    }
}
