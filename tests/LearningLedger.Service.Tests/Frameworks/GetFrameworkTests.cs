using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Frameworks;

public sealed class GetFrameworkTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Gives_the_latest_version_and_each_version_by_number()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.Admin, Scopes.TranscriptsRead);
        var first = await client.ReadAsync("/v1/frameworks/small");
        using var published = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(LedgerFixture.SmallFramework.Replace("\"Small\"", "\"Smaller\"", StringComparison.Ordinal)));
        await published.ShouldBeAsync(HttpStatusCode.Created);

        var latest = JsonNode.Parse(await client.ReadAsync("/v1/frameworks/small"))!;
        var list = JsonNode.Parse(await client.ReadAsync("/v1/frameworks"))!["frameworks"]!;

        Assert.Equal(2, (int)latest["version"]!);
        Assert.Equal("Smaller", (string)latest["title"]!);
        Assert.Equal(["base", "peak"], latest["milestones"]!.AsArray().Select(m => (string)m!["code"]!));
        Assert.Equal("P1Y", (string)latest["milestones"]![1]!["rule"]!["validFor"]!);
        Assert.Equal(first, await client.ReadAsync("/v1/frameworks/small/versions/1"));
        Assert.Equal("""[{"code":"small","version":2,"title":"Smaller","milestones":2}]""", list.ToJsonString());
        await client.RefusesAsync("/v1/frameworks/small/versions/3", HttpStatusCode.NotFound);
        await client.RefusesAsync("/v1/frameworks/large", HttpStatusCode.NotFound);
        string[] scopes = [Scopes.TranscriptsRead, Scopes.AuditRead, Scopes.Admin];
        await tenant.GuardedAsync("/v1/frameworks/small", scopes);
        await tenant.GuardedAsync("/v1/frameworks/small/versions/1", scopes);
    }

    [Fact]
    public async Task An_admin_may_read_what_an_admin_publishes()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.Admin);

        await client.ReadAsync("/v1/frameworks/small");
        Assert.Equal("""{"cohorts":[]}""", System.Text.Encoding.UTF8.GetString(await client.ReadAsync("/v1/cohorts")));
    }
}
