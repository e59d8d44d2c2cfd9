using System.Net;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

public sealed class KilledDatabaseTests
{
    [Fact]
    public async Task A_killed_private_cluster_is_started_again_and_posting_goes_on()
    {
        using var place = Place.WithOwnCluster();
        var platform = new Platform();
        await using var service = await place.StartAsync();
        using var client = service.Client(place.Key);
        using var enough = new CancellationTokenSource();
        var posting = platform.PostUntilGoneAsync(client, enough.Token);
        for (var time = 0; time < 2; time++)
        {
            await platform.AcknowledgedMoreAsync(100);
            var refused = platform.Refusals.Count;
            await Processes.KillAsync(service.PostmasterPid);
            await Expectations.EventuallyAsync(() => Task.FromResult(platform.Refusals.Count > refused), "refusals");
            await platform.AcknowledgedMoreAsync(100);
        }

        await enough.CancelAsync();
        await posting;
        Assert.All(platform.Refusals, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: false);
        await platform.PostAllAgainAsync(client);
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: true);
        Assert.Contains("PostgreSQL has ended and is started again.", service.Output, StringComparison.Ordinal);
        Assert.Equal(0, await service.StopAsync());
        Assert.Null(service.PostmasterFile);
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

        using var elsewhere = place.Beside();
        await using var second = elsewhere.Run("--urls", "http://127.0.0.1:0");

        Assert.Equal(1, await second.EndedAsync());
        Assert.Contains("Ledger__Nodes", second.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("single", "")]
    [InlineData("several", "")]
    [InlineData("several", "127.0.0.1:1")]
    public async Task Awards_and_analytics_go_on_by_themselves_when_the_database_comes_back(string nodes, string standby)
    {
        using var server = new TestDirectory();
        var database = await server.StartAsync();
        using var place = Place.On(WithStandby(database.ConnectionString, standby));
        place.Settings["Ledger__Nodes"] = nodes;
        await using var service = await place.StartAsync();
        using var client = service.Client(place.Key);
        await Frameworks.PublishDueAsync(client);
        await AwardAsync(client, place, learners: 5, before: 0);
        for (var time = 0; time < 2; time++)
        {
            await KillUnderPostingAsync(new Platform($"p{time}"), service, place, database.PostmasterPid);

            database = await server.StartAsync();

            await HasDatabaseAgainAsync(client);
            await AwardAsync(client, place, learners: 5, before: 5 * (time + 1));
            await Expectations.EventuallyAsync(async () => await StatusAsync(client, "/health/ready") == HttpStatusCode.OK, $"readiness\n{service.Output}");
        }

        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>Posts what makes two awards due for each of some new learners and waits until those are made, and every attempt is counted.</summary>
    private static async Task AwardAsync(HttpClient client, Place place, int learners, int before)
    {
        await Expectations.EventuallyAsync(
            async () =>
            {
                var events = Enumerable.Range(before, learners).Select(n => Tenant.Attempt($"e-{n}", $"s-{n}", "alpha", 0.9));
                using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json($"[{string.Join(',', events)}]", "application/cloudevents-batch+json"));
                return answer.IsSuccessStatusCode;
            },
            "the events to be taken");
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from ledger.mt_events where type = 'milestone.awarded'") == 2 * (before + learners),
            $"the awards of {before + learners} learners",
            TimeSpan.FromMinutes(2));
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<bool>(
                place.ConnectionString, "select (select count(*) from analytics.fact_attempt) = (select count(*) from ledger.mt_events where type = 'skill.attempted')"),
            "every attempt in analytics",
            TimeSpan.FromMinutes(2));
    }

    /// <summary>Another host beside the first, where nobody answers.</summary>
    private static string WithStandby(string connectionString, string standby)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Host = standby.Length > 0 ? $"{settings.Host}:{settings.Port},{standby}" : settings.Host;
        return settings.ConnectionString;
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
