using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>A table that cannot grow, and says so as PostgreSQL does where the disk is full.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly LedgerFixture service = new();
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        await service.InitializeAsync();
        client = service.Client(service.Bootstrap.ToString());
        await Frameworks.PublishDueAsync(client);
        await DoAsync(
            """
            create function full_disk() returns trigger language plpgsql as $full$
            begin raise 'could not extend file "base/1/2": No space left on device' using errcode = 'disk_full'; end $full$
            """);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
    }

    [Fact]
    public async Task Posts_are_told_that_the_disk_is_full_and_taken_when_there_is_room_again()
    {
        await FillAsync("ledger.mt_events");

        using var refused = await PostAsync("application/cloudevents+json", accept: "application/json");
        using var stopped = await PostAsync("application/x-ndjson", accept: "application/x-ndjson");

        await refused.ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.StartsWith("The database's disk is full.", (string?)(await refused.JsonAsync())["detail"], StringComparison.Ordinal);
        var last = JsonNode.Parse(await stopped.Content.ReadAsStringAsync())!;
        Assert.Equal((503, "No line is recorded. The database's disk is full."), ((int)last["status"]!, (string?)last["detail"]));

        await ClearAsync("ledger.mt_events");
        using var taken = await PostAsync("application/cloudevents+json", accept: "application/json");
        await taken.ShouldBeAsync(HttpStatusCode.OK);
        await Ledger.AwardedAsync(service.ConnectionString, 2);
    }

    [Fact]
    public async Task Readiness_says_why_projections_have_stopped_and_they_go_on_when_there_is_room_again()
    {
        await FillAsync("analytics.fact_attempt");
        using var taken = await PostAsync("application/cloudevents+json", accept: "application/json");
        await taken.ShouldBeAsync(HttpStatusCode.OK);

        var faults = Array.Empty<string>();
        await Expectations.EventuallyAsync(async () => (faults = await FaultsAsync()).Length > 0, "a fault");
        var seenByAnother = (await Health.LookAsync(service.Database(), new Dictionary<string, string?>(), default)).Faults;

        foreach (var fault in (string[])[.. faults, .. seenByAnother])
        {
            Assert.StartsWith("Projection Analytics:All has stopped: ", fault, StringComparison.Ordinal);
            Assert.Contains("No space left on device", fault, StringComparison.Ordinal);
            Assert.DoesNotContain("\n", fault, StringComparison.Ordinal);
        }

        await ClearAsync("analytics.fact_attempt");
        await Expectations.EventuallyAsync(async () => (await FaultsAsync()).Length == 0, "readiness", TimeSpan.FromMinutes(2));
        Assert.Equal(1, await Ledger.AskAsync<long>(service.ConnectionString, "select count(*) from analytics.fact_attempt"));
    }

    private async Task<string[]> FaultsAsync()
    {
        using var answer = await client.GetAsync("/health/ready");
        return [.. (await answer.JsonAsync())["faults"]!.AsArray().Select(f => (string)f!)];
    }

    private async Task<HttpResponseMessage> PostAsync(string type, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
        {
            Content = new StringContent(Tenant.Attempt("e-1", "s-1", "alpha", 0.9), Encoding.UTF8, type),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue(accept) } },
        };
        return await client.SendAsync(request);
    }

    private Task FillAsync(string table) => DoAsync($"create trigger full_disk before insert on {table} for each row execute function full_disk()");

    private Task ClearAsync(string table) => DoAsync($"drop trigger full_disk on {table}");

    private async Task DoAsync(string sql)
    {
        await using var command = service.Database().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
