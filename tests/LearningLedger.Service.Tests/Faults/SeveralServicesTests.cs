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
        foreach (var each in (Place[])[place, elsewhere]) each.Settings["Ledger__Nodes"] = "several";
        await using var one = await place.StartAsync();
        await using var other = await elsewhere.StartAsync();
        using var client = one.Client(place.Key);
        using var otherClient = other.Client(elsewhere.Key);
        using var published = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(Frameworks.Due));
        await published.ShouldBeAsync(HttpStatusCode.Created);

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

    /// <summary>A second installation on the same database, with the same vault key.</summary>
    private static Place Beside(Place place)
    {
        var elsewhere = Place.On(place.ConnectionString);
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
