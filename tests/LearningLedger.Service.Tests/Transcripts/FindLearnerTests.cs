using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Transcripts;

public sealed class FindLearnerTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly string Path = $"/v1/learners?source={Uri.EscapeDataString(Tenant.Source)}&subject=ann";

    [Fact]
    public async Task Finds_whom_the_platform_means()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.TranscriptsRead);
        var posted = await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5));

        var found = JsonNode.Parse(await client.ReadAsync(Path))!;

        Assert.Equal((string)posted["receipts"]![0]!["learner"]!, (string)found["id"]!);
        await client.RefusesAsync(Path + "x", HttpStatusCode.NotFound);
        await tenant.GuardedAsync(Path, Scopes.TranscriptsRead, Scopes.AuditRead);
    }

    [Theory, InlineData("/v1/learners", 2), InlineData("/v1/learners?source=x", 1), InlineData("/v1/learners?source=&subject=ann", 1)]
    public async Task Names_every_missing_parameter(string path, int faults)
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var client = await tenant.ClientAsync(Scopes.TranscriptsRead);

        using var answer = await client.GetAsync(path);

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(faults, (await answer.JsonAsync())["errors"]!.AsArray().Count);
    }
}
