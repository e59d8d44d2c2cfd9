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
        await using var two = await TwoServices.StartAsync();

        // The other hears of the framework although it was published at the one, and of the learner.
        var ann = await two.PostAsync(two.Other, "ann");
        using var client = two.Client(two.One);
        using var transcript = await client.GetAsync($"/v1/learners/{ann}/transcript");
        await transcript.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("alpha", (string)(await transcript.JsonAsync())["skills"]![0]!["skill"]!);
        Assert.Equal(ann, await two.PostAsync(two.One, "ann", "again"));
        await two.ProjectedAsync(attempts: 2, awards: 2);

        await two.One.KillAsync();

        await two.PostAsync(two.Other, "bob");
        await two.ProjectedAsync(attempts: 3, awards: 4);
        await two.PostAsync(two.Other, "cem");
        await two.ProjectedAsync(attempts: 4, awards: 6);
        Assert.Equal(0, await two.Other.StopAsync());
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
        await TwoServices.PostAsync(client, "ann");
        await Ledger.AwardedAsync(place.ConnectionString, 2);
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(
                place.ConnectionString,
                "with moved as (update ledger.mt_event_progression set last_seq_id = last_seq_id - 1 where name = 'AwardWatch:All' and last_seq_id = (select max(seq_id) from ledger.mt_events) returning 1) select count(*) from moved") == 1,
            "the awards to be up to date");

        // What the first of them makes due is found before the progress turns out to be another.
        await TwoServices.PostAsync(client, "bob");
        await Ledger.AwardedAsync(place.ConnectionString, 4);
        await TwoServices.PostAsync(client, "cem");

        await Ledger.AwardedAsync(place.ConnectionString, 6);
        Assert.All((await Ledger.AwardsAsync(place.ConnectionString)).Values, times => Assert.Equal(1, times));
        Assert.Equal(0, await service.StopAsync());
    }

    private static async Task<ServiceProcess> RefusedAsync(ServiceProcess service)
    {
        Assert.Equal(1, await service.EndedAsync());
        return service;
    }
}
