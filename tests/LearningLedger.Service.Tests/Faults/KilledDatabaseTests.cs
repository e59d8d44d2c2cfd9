using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

public sealed class KilledDatabaseTests
{
    [Fact]
    public async Task A_killed_private_cluster_is_answered_503_and_a_restart_of_the_service_repairs_it()
    {
        using var place = Place.WithOwnCluster();
        var platform = new Platform();
        await using (var cut = await place.StartAsync())
        {
            await KillUnderPostingAsync(platform, cut, place, cut.PostmasterPid);
            Assert.Equal(0, await cut.StopAsync());
            Assert.DoesNotContain("Unhandled", cut.Output, StringComparison.Ordinal);
        }

        await using var service = await place.StartAsync();
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: false);
        using var again = service.Client(place.Key);
        await platform.PostAllAgainAsync(again);
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: true);
    }

    [Fact]
    public async Task The_service_goes_on_by_itself_when_its_given_database_comes_back()
    {
        using var server = new TestDirectory();
        var database = await server.StartAsync();
        using var place = Place.On(database.ConnectionString);
        var platform = new Platform();
        await using var service = await place.StartAsync();
        await KillUnderPostingAsync(platform, service, place, database.PostmasterPid);

        await using var back = await server.StartAsync();

        Assert.Equal(database.ConnectionString, back.ConnectionString);
        using var client = service.Client(place.Key);
        await HasDatabaseAgainAsync(client);
        await platform.PostAllAgainAsync(client);
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: true);
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task A_service_whose_database_was_away_still_keeps_a_second_one_off_it()
    {
        using var server = new TestDirectory();
        var database = await server.StartAsync();
        using var place = Place.On(database.ConnectionString);
        await using var service = await place.StartAsync();
        await Processes.KillAsync(database.PostmasterPid);
        await using var back = await server.StartAsync();
        using var client = service.Client(place.Key);
        await HasDatabaseAgainAsync(client);

        using var elsewhere = Place.On(database.ConnectionString);
        elsewhere.Settings["Ledger__Vault__KeyFile"] = Path.Combine(place.Data, "keys", "vault.key");
        await using var second = elsewhere.Run("--urls", "http://127.0.0.1:0");

        Assert.Equal(1, await second.EndedAsync());
        Assert.Contains("Ledger__Nodes", second.Output, StringComparison.Ordinal);
    }

    private static async Task KillUnderPostingAsync(Platform platform, ServiceProcess service, Place place, int postmaster)
    {
        using var client = service.Client(place.Key);
        using var enough = new CancellationTokenSource();
        var posting = platform.PostUntilGoneAsync(client, enough.Token);
        await platform.AcknowledgedMoreAsync(100);
        await Processes.KillAsync(postmaster);

        // What was under way may still be answered, each as it ended; then there is nobody to write it down.
        await Expectations.EventuallyAsync(() => Task.FromResult(platform.Refusals.Count > 20), "refusals");
        await enough.CancelAsync();
        await posting;
        Assert.All(platform.Refusals, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));

        using var refused = await client.PostAsync("/v1/events", LedgerFixture.Json(Tenant.Attempt("late", "late", "linux-fundamentals", 0.5), "application/cloudevents+json"));
        await refused.ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/live"));
    }

    /// <summary>The database answers and is the service's own again; projections may take longer to go on, and readiness says so.</summary>
    private static Task HasDatabaseAgainAsync(HttpClient client) => Expectations.EventuallyAsync(
        async () =>
        {
            using var answer = await client.GetAsync("/health/ready");
            var readiness = await answer.JsonAsync();
            return readiness["faults"] is { } faults && !faults.AsArray().Any(f => ((string)f!).StartsWith("The database", StringComparison.Ordinal));
        },
        "the service to have its database again");

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }
}
