using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

public sealed class ReportTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task A_saved_figure_is_derived_again_whatever_comes_later()
    {
        var (tenant, client) = await GrownAsync();
        var saved = await SaveAsync(client, """{"question":"time-to-milestone","cohort":"spring","parameters":{"milestone":"base"}}""");
        var body = await client.ReadAsync($"/v1/cohorts/spring/analytics/time-to-milestone?milestone=base&asOf=seq:{saved["sequence"]}");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), (string)saved["digest"]!);

        await Tenant.PostAsync(client, Cohorts.Joined("k", "bob", "spring"), Tenant.Attempt("9", "bob", "alpha", 1));
        await SaveAsync(client, """{"question":"funnel","cohort":"spring"}""");

        var derived = JsonNode.Parse(await client.ReadAsync($"/v1/reports/{saved["id"]}"))!;
        Assert.True((bool)derived["reproduced"]!);
        Assert.Equal((string)saved["digest"]!, (string)derived["digestNow"]!);
        Assert.Equal(JsonNode.Parse(body)!.ToJsonString(), derived["answer"]!.ToJsonString());
        Assert.StartsWith("key:", (string)derived["savedBy"]!, StringComparison.Ordinal);
        Assert.Equal(["time-to-milestone", "funnel"], JsonNode.Parse(await client.ReadAsync("/v1/reports"))!["reports"]!.AsArray().Select(r => (string)r!["question"]!));
        Assert.Equal("report.saved", await fixture.AskAsync<string>($"select type from ledger.mt_events where tenant_id = '{tenant.Name}' and id = '{saved["id"]}'"));
    }

    [Fact]
    public async Task A_figure_that_does_not_come_out_the_same_is_told_apart()
    {
        var (tenant, client) = await GrownAsync();
        var saved = await SaveAsync(client, """{"question":"funnel","cohort":"spring"}""");
        await using (var spoil = fixture.Database().CreateCommand($"delete from analytics.fact_attempt where tenant = '{tenant.Name}'"))
        {
            await spoil.ExecuteNonQueryAsync();
        }

        Assert.False((bool)JsonNode.Parse(await client.ReadAsync($"/v1/reports/{saved["id"]}"))!["reproduced"]!);
    }

    [Fact]
    public async Task A_larger_minimum_hides_the_answer_of_an_earlier_report_and_still_says_whether_it_holds()
    {
        var (_, client) = await GrownAsync();
        var saved = await SaveAsync(client, """{"question":"funnel","cohort":"spring"}""");
        await client.ShowCountsOfAsync(5);

        var derived = JsonNode.Parse(await client.ReadAsync($"/v1/reports/{saved["id"]}"))!;

        Assert.True((bool)derived["reproduced"]!);
        Assert.Null(derived["answer"]);
    }

    [Theory]
    [InlineData("""{"question":"weather","cohort":"spring"}""", HttpStatusCode.UnprocessableEntity, "question")]
    [InlineData("""{"question":"funnel"}""", HttpStatusCode.UnprocessableEntity, "cohort")]
    [InlineData("""{"question":"funnel","cohort":"spring","parameters":{"days":"3"}}""", HttpStatusCode.UnprocessableEntity, "parameters.days")]
    [InlineData("""{"question":"stuck","cohort":"spring","parameters":{"days":"Ann Lee"}}""", HttpStatusCode.UnprocessableEntity, "parameters.days")]
    [InlineData("""{"question":"time-to-milestone","cohort":"spring"}""", HttpStatusCode.BadRequest, "milestone")]
    [InlineData("""{"question":"time-to-milestone","cohort":"spring","parameters":{"milestone":"moon"}}""", HttpStatusCode.NotFound, "moon")]
    [InlineData("""{"question":"funnel","cohort":"winter"}""", HttpStatusCode.NotFound, "winter")]
    [InlineData("""{"question":"funnel","cohort":"spring","asOf":"seq:99999999"}""", HttpStatusCode.BadRequest, "asOf")]
    public async Task Saves_no_report_of_what_has_no_answer(string report, HttpStatusCode status, string named)
    {
        var (tenant, client) = await GrownAsync();

        using var answer = await client.PostAsync("/v1/reports", LedgerFixture.Json(report));

        await answer.ShouldBeAsync(status);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await fixture.AskAsync<long>($"select count(*) from ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'report.saved'"));
    }

    [Fact]
    public async Task Another_tenants_report_is_not_known()
    {
        var (tenant, client) = await GrownAsync();
        var saved = await SaveAsync(client, """{"question":"funnel","cohort":"spring"}""");

        await tenant.GuardedAsync($"/v1/reports/{saved["id"]}", Scopes.AnalyticsRead);
    }

    private static async Task<JsonNode> SaveAsync(HttpClient client, string report)
    {
        using var answer = await client.PostAsync("/v1/reports", LedgerFixture.Json(report));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        return await answer.JsonAsync();
    }

    private async Task<(Tenant Tenant, HttpClient Client)> GrownAsync()
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        await Tenant.PostAsync(client, Cohorts.Joined("j", "ann", "spring"), Tenant.Attempt("1", "ann", "alpha", 0.25));
        await client.AskAsync(fixture, "spring", "funnel");
        return (tenant, client);
    }
}
