using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Frameworks;

public sealed class PublishFrameworkTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Publishes_versions_that_stay_readable_and_answers_the_same_content_with_its_version()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.Admin, Scopes.TranscriptsRead);

        using var same = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(LedgerFixture.SmallFramework));
        using var next = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(Titled("Small, revised")));

        await same.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(1, (int)(await same.JsonAsync())["version"]!);
        await next.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("/v1/frameworks/small/versions/2", next.Headers.Location!.ToString());
        Assert.Equal("Small", (string)JsonNode.Parse(await client.GetStringAsync("/v1/frameworks/small/versions/1"))!["title"]!);
        Assert.Equal("Small, revised", (string)JsonNode.Parse(await client.GetStringAsync("/v1/frameworks/small"))!["title"]!);
    }

    [Fact]
    public async Task A_tenant_publishes_for_itself_alone()
    {
        var mine = await fixture.TenantAsync();
        var other = await fixture.TenantAsync(withFramework: false);
        using var stranger = await other.ClientAsync(Scopes.TranscriptsRead, Scopes.EventsWrite);

        using var answer = await stranger.GetAsync("/v1/frameworks/small");
        using var post = await stranger.PostAsync("/v1/events", LedgerFixture.Json(Tenant.Attempt("1", "a", "alpha", 1), "application/cloudevents+json"));

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
        await post.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.NotEqual(mine.Name, other.Name);
    }

    [Fact]
    public async Task Lists_every_fault_by_its_path()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        var faulty = LedgerFixture.SmallFramework.Replace("\"passingScore\":0.7", "\"passingScore\":7", StringComparison.Ordinal)
            .Replace("\"requires\":[\"base\"]", "\"requires\":[\"nowhere\"]", StringComparison.Ordinal);

        using var answer = await admin.PostAsync("/v1/frameworks", LedgerFixture.Json(faulty));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(
            ["milestones[0].rule.passingScore", "milestones[1].rule.requires[0]"],
            (await answer.JsonAsync())["errors"]!.AsArray().Select(e => (string)e!["field"]!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task Refuses_what_is_no_framework(string body, string mediaType, HttpStatusCode status)
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        using var answer = await admin.PostAsync("/v1/frameworks", LedgerFixture.Json(body, mediaType));

        await answer.ShouldBeAsync(status);
    }

    [Fact]
    public async Task Refuses_a_version_that_is_not_the_next()
    {
        var tenant = await fixture.TenantAsync();
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        using var answer = await admin.PostAsync("/v1/frameworks", LedgerFixture.Json(Titled("Other").Replace("\"version\":0", "\"version\":7", StringComparison.Ordinal)));

        await answer.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Of_many_who_publish_at_once_each_gets_a_version_of_its_own()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var answer = await admin.PostAsync("/v1/frameworks", LedgerFixture.Json(Titled($"Title {i}")));
            await answer.ShouldBeAsync(HttpStatusCode.Created);
            return (int)(await answer.JsonAsync())["version"]!;
        }));

        Assert.Equal(Enumerable.Range(1, 8), versions.Order());
    }

    [Fact]
    public async Task The_default_tenant_has_the_nine_milestones()
    {
        using var client = fixture.Client(fixture.Bootstrap.ToString());

        var framework = JsonNode.Parse(await client.GetStringAsync("/v1/frameworks/ai-systems-engineer"))!;

        Assert.Equal(9, framework["milestones"]!.AsArray().Count);
        Assert.Equal(135, framework["skills"]!.AsArray().Count);
    }

    private static string Titled(string title) => LedgerFixture.SmallFramework.Replace("\"title\":\"Small\"", $"\"title\":\"{title}\"", StringComparison.Ordinal);
}
