using System.Net;
using System.Text.Json;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Xapi;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>Between what another store takes and the note that it has it the service may be killed.</summary>
public sealed class KilledWhileForwardingTests
{
    private const string Passed = "http://adlnet.gov/expapi/verbs/passed";
    private const int Learners = 5;
    private const int PerRound = 400;

    [Fact]
    public async Task Every_chosen_statement_arrives_at_least_once_and_in_order_for_each_learner()
    {
        await using var lrs = await FakeLrs.StartAsync();
        using var place = await Place.WithDatabaseAsync();
        place.Settings["Ledger__Xapi__ForwardToPrivate"] = "true";
        var stored = new List<(int Learner, Guid Id)>();
        var cutOff = 0;
        var rounds = Environment.GetEnvironmentVariable("LEDGER_LONG") == "1" ? 20 : 3;
        for (var round = 0; round < rounds; round++)
        {
            await using var killed = await place.StartAsync();
            using var client = Client(killed, place);
            if (round == 0)
            {
                await PutAsync(client, lrs);
            }

            // The other store takes one request, says so, and then dawdles until the service is gone: what it took may or may not be noted.
            using var gone = new SemaphoreSlim(0);
            var taken = lrs.Taken.Count;
            lrs.Mood = async _ =>
            {
                if (lrs.Taken.Count > taken)
                {
                    await gone.WaitAsync();
                }

                return null;
            };
            await PostAsync(client, stored);
            await Expectations.EventuallyAsync(() => Task.FromResult(lrs.Taken.Count > taken), "something to be sent on");
            await killed.KillAsync();
            lrs.Mood = _ => Task.FromResult<int?>(null);
            cutOff += lrs.TakenIds.ToHashSet().Count < stored.Count ? 1 : 0;
            gone.Release(1_000);
        }

        Assert.True(cutOff > 0, "Every kill came too late to prove anything.");
        await using var service = await place.StartAsync();
        await Expectations.EventuallyAsync(() => Task.FromResult(lrs.TakenIds.ToHashSet().IsSupersetOf(stored.Select(s => s.Id))), "all statements to arrive");

        // Sent again is from some place on, never out of turn: the first arrivals of a learner's statements are in the order in which they were stored.
        var first = lrs.TakenIds.Distinct().ToList();
        Assert.Equal(stored.Count, first.Count);
        var learners = stored.ToDictionary(s => s.Id, s => s.Learner);
        Assert.All(
            Enumerable.Range(0, Learners),
            learner => Assert.Equal(stored.Where(s => s.Learner == learner).Select(s => s.Id), first.Where(id => learners[id] == learner)));
    }

    private static HttpClient Client(ServiceProcess service, Place place)
    {
        var client = service.Client(place.Key);
        client.DefaultRequestHeaders.Add("X-Experience-API-Version", "2.0.0");
        return client;
    }

    private static async Task PutAsync(HttpClient admin, FakeLrs lrs)
    {
        using var answer = await admin.PutAsync(
            "/v1/forwards/copy", LedgerFixture.Json(JsonSerializer.Serialize(new { url = lrs.Url, user = "me", secret = "a secret", verbs = new[] { Passed }, from = "start" }, LedgerJson.Options)));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
    }

    /// <summary>Learners' statements, among others that are not to be sent on.</summary>
    private static async Task PostAsync(HttpClient client, List<(int Learner, Guid Id)> stored)
    {
        var statements = Enumerable.Range(0, PerRound).Select(i => (Learner: i % Learners, Id: Guid.NewGuid())).ToList();
        foreach (var batch in statements.Chunk(50))
        {
            await client.StoredAsync([
                .. batch.Select(s => XapiClient.Statement(s.Id, actor: $"learner-{s.Learner}", verb: Passed)),
                XapiClient.Statement(verb: "http://adlnet.gov/expapi/verbs/experienced"),
            ]);
            stored.AddRange(batch);
        }
    }
}
