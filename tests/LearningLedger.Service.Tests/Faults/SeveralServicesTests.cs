using System.Globalization;
using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

public sealed class SeveralServicesTests
{
    [Fact]
    public async Task Of_two_starts_at_once_on_one_data_directory_one_serves_and_the_other_names_its_owner()
    {
        using var place = Place.WithOwnCluster();
        await using var one = place.Run("--urls", "http://127.0.0.1:0");
        await using var other = place.Run("--urls", "http://127.0.0.1:0");

        var refused = await await Task.WhenAny(RefusedAsync(one), RefusedAsync(other));
        var serving = refused == one ? other : one;

        await serving.ReadyAsync();
        Assert.Contains($"process {serving.Pid.ToString(CultureInfo.InvariantCulture)}", refused.Output, StringComparison.Ordinal);
        Assert.Equal(0, await serving.StopAsync());
        Assert.Null(serving.PostmasterFile);
    }

    [Fact]
    public async Task Several_services_on_one_database_share_the_work_and_one_goes_on_when_the_other_is_killed()
    {
        using var place = await Place.WithDatabaseAsync();
        using var elsewhere = Beside(place);
        await using var one = await place.StartAsync();
        await using var other = await elsewhere.StartAsync();
        using var client = one.Client(place.Key);
        using var otherClient = other.Client(elsewhere.Key);
        await Frameworks.PublishDueAsync(client);

        // The other hears of the framework although it was published here, and of the learner.
        var ann = await PostAsync(otherClient, "ann");
        using var transcript = await client.GetAsync($"/v1/learners/{ann}/transcript");
        await transcript.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("alpha", (string)(await transcript.JsonAsync())["skills"]![0]!["skill"]!);
        Assert.Equal(ann, await PostAsync(client, "ann", "again"));
        await AwardedAsync(place, 2);

        await one.KillAsync();

        await PostAsync(otherClient, "bob");
        await AwardedAsync(place, 4);
        await PostAsync(otherClient, "cem");
        await AwardedAsync(place, 6);
        Assert.All((await Ledger.AwardsAsync(place.ConnectionString)).Values, times => Assert.Equal(1, times));
        Assert.Equal(0, await other.StopAsync());
    }

    [Fact]
    public async Task A_service_that_was_suspended_and_wakes_up_neither_stops_what_another_has_taken_over_nor_does_it_twice()
    {
        using var place = await Place.WithDatabaseAsync();
        using var elsewhere = Beside(place);
        await using var one = await place.StartAsync();
        await using var other = await elsewhere.StartAsync();
        using (var client = one.Client(place.Key)) await Frameworks.PublishDueAsync(client);
        await BothAtWorkAsync(place);

        // The first to start is node 1. The leader's turn ends with its connection, which a suspended process keeps.
        var oneLeads = await Ledger.AskAsync<int>(
            place.ConnectionString,
            "select n.node_number::int from wolverine.wolverine_nodes n join wolverine.wolverine_node_assignments a on a.node_id = n.id where a.id = 'wolverine://leader/'") == 1;
        var (leader, follower) = oneLeads ? (one, other) : (other, one);
        using var leading = leader.Client(oneLeads ? place.Key : elsewhere.Key);
        using var following = follower.Client(oneLeads ? elsewhere.Key : place.Key);
        await PostAsync(leading, "ann");
        await ProjectedAsync(place, attempts: 1);

        follower.Signal(ServiceProcess.Suspend);
        await PostAsync(leading, "bob");
        await ProjectedAsync(place, attempts: 2);
        follower.Signal(ServiceProcess.GoOn);

        await BothAtWorkAsync(place);
        await PostAsync(following, "cem");
        await ProjectedAsync(place, attempts: 3);
        Assert.All((await Ledger.AwardsAsync(place.ConnectionString)).Values, times => Assert.Equal(1, times));
        Assert.Equal(0, await leader.StopAsync());
        Assert.Equal(0, await follower.StopAsync());
    }

    [Theory]
    [InlineData("single")]
    [InlineData("several")]
    public async Task Awards_go_on_when_another_has_noted_progress_that_this_service_does_not_know_of(string nodes)
    {
        using var place = await Place.WithDatabaseAsync();
        place.Settings["Ledger__Nodes"] = nodes;
        await using var service = await place.StartAsync();
        using var client = service.Client(place.Key);
        await Frameworks.PublishDueAsync(client);
        await PostAsync(client, "ann");
        await AwardedAsync(place, 2);
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(
                place.ConnectionString,
                "with moved as (update ledger.mt_event_progression set last_seq_id = last_seq_id - 1 where name = 'AwardWatch:All' and last_seq_id = (select max(seq_id) from ledger.mt_events) returning 1) select count(*) from moved") == 1,
            "the awards to be up to date");

        // What the first of them makes due is found before the progress turns out to be another.
        await PostAsync(client, "bob");
        await AwardedAsync(place, 4);
        await PostAsync(client, "cem");

        await AwardedAsync(place, 6);
        Assert.All((await Ledger.AwardsAsync(place.ConnectionString)).Values, times => Assert.Equal(1, times));
        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>Each of two services has a projection or subscription to run.</summary>
    private static Task BothAtWorkAsync(Place place) => Expectations.EventuallyAsync(
        async () => await Ledger.AskAsync<long>(
            place.ConnectionString, "select count(distinct node_id) from wolverine.wolverine_node_assignments where id like 'event-subscriptions:%'") == 2,
        "both services to have work", TimeSpan.FromMinutes(3));

    /// <summary>Each attempt has led to two awards, and is counted once.</summary>
    private static async Task ProjectedAsync(Place place, int attempts)
    {
        await AwardedAsync(place, 2 * attempts);
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from analytics.fact_attempt") == attempts, $"{attempts} attempts in analytics",
            TimeSpan.FromMinutes(3));
    }

    /// <summary>A second installation on the same database, with the same vault key; both are told that they are several.</summary>
    private static Place Beside(Place place)
    {
        var elsewhere = Place.On(place.ConnectionString);
        place.Settings["Ledger__Nodes"] = elsewhere.Settings["Ledger__Nodes"] = "several";
        elsewhere.Settings["Ledger__Vault__KeyFile"] = Path.Combine(place.Data, "keys", "vault.key");
        return elsewhere;
    }

    private static async Task<ServiceProcess> RefusedAsync(ServiceProcess service)
    {
        Assert.Equal(1, await service.EndedAsync());
        return service;
    }

    private static async Task<Guid> PostAsync(HttpClient client, string subject, string id = "1") =>
        (Guid)(await Tenant.PostAsync(client, Tenant.Attempt($"{subject}-{id}", subject, "alpha", 0.9)))["receipts"]![0]!["learner"]!;

    // A node that was killed is given up only after it has been silent for a while, and then its work is handed on.
    private static Task AwardedAsync(Place place, int awards) => Expectations.EventuallyAsync(
        async () => (await Ledger.AwardsAsync(place.ConnectionString)).Count >= awards, $"{awards} awards", TimeSpan.FromMinutes(3));
}
