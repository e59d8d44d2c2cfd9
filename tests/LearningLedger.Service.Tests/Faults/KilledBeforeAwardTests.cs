using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>Between the event that makes a milestone due and its award lie a projection, an outbox and a handler; the service may be killed in each.</summary>
public sealed class KilledBeforeAwardTests
{
    private const int LearnersPerRound = 120;

    [Fact]
    public async Task Every_award_that_was_due_when_the_service_was_killed_is_made_once()
    {
        using var place = await Place.WithDatabaseAsync();
        await using (var first = await place.StartAsync())
        {
            using var admin = first.Client(place.Key);
            await Frameworks.PublishDueAsync(admin);
            await first.StopAsync();
        }

        var learners = new HashSet<Guid>();
        var cutOff = 0;
        var rounds = Environment.GetEnvironmentVariable("LEDGER_LONG") == "1" ? 30 : 3;
        for (var round = 0; round < rounds; round++)
        {
            await using var killed = await place.StartAsync();
            var before = await CountAsync(place);
            learners.UnionWith(await MakeDueAsync(killed, place, round));

            // At once in the first round; then when some awards are made, but hardly all.
            var some = before + (round == 0 ? 0 : Random.Shared.Next(1, LearnersPerRound));
            await Expectations.EventuallyAsync(async () => await CountAsync(place) >= some, $"{some} awards");
            await killed.KillAsync();
            cutOff += await CountAsync(place) < 2 * learners.Count ? 1 : 0;
        }

        Assert.True(cutOff > 0, "Every kill came too late to prove anything.");
        await using var service = await place.StartAsync();
        await Expectations.EventuallyAsync(async () => await CountAsync(place) >= 2 * learners.Count, "all awards");

        // Messages that are still there must not award again.
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from wolverine.wolverine_incoming_envelopes where status <> 'Handled'") == 0,
            "the queue to be empty");
        var awards = await Ledger.AwardsAsync(place.ConnectionString);
        Assert.Equal(learners.SelectMany(l => new[] { (l, "first"), (l, "second") }).Order(), awards.Keys.Order());
        Assert.All(awards.Values, times => Assert.Equal(1, times));
    }

    private static async Task<IEnumerable<Guid>> MakeDueAsync(ServiceProcess service, Place place, int round)
    {
        using var platform = service.Client(place.Key);
        var events = Enumerable.Range(0, LearnersPerRound).Select(n => Tenant.Attempt($"{round}-{n}", $"{round}-{n}", "alpha", 0.9)).ToArray();
        return (await Tenant.PostAsync(platform, events))["receipts"]!.AsArray().Select(r => (Guid)r!["learner"]!).ToList();
    }

    private static Task<long> CountAsync(Place place) =>
        Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from ledger.mt_events where type = 'milestone.awarded'");
}
