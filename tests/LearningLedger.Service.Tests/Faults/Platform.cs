using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>What a receipt says of one event.</summary>
internal sealed record Acknowledged(Guid EventId, Guid Learner, long Version);

/// <summary>
/// Platforms that post without pause and keep book: what was sent, and what the service acknowledged. Their learners come in one by one, and
/// all loops name the same ones, so newcomers are raced for.
/// </summary>
/// <param name="prefix">Begins the ids of its events, where several platforms post to one ledger.</param>
internal sealed class Platform(string prefix = "")
{
    private const string One = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";

    private static readonly string[] Skills = ["linux-fundamentals", "docker-fundamentals", "terraform-iac"];

    private readonly ConcurrentDictionary<string, string> _sent = new();
    private readonly ConcurrentDictionary<string, string> _subjects = new();
    private readonly ConcurrentDictionary<string, Acknowledged> _acknowledged = new();
    private readonly int[] _next = new int[4];

    /// <summary>Everything ever sent: the event by its id at the platform.</summary>
    internal IReadOnlyDictionary<string, string> Sent => _sent;

    /// <summary>Everything acknowledged, by the same id.</summary>
    internal IReadOnlyDictionary<string, Acknowledged> Acknowledged => _acknowledged;

    /// <summary>Who was named.</summary>
    internal IReadOnlyCollection<string> Subjects => [.. _subjects.Values.Distinct()];

    /// <summary>Statuses other than 200 that were answered.</summary>
    internal ConcurrentBag<HttpStatusCode> Refusals { get; } = [];

    /// <summary>Four loops, two with batches and two with single events, until the service is gone or the time is over.</summary>
    internal Task PostUntilGoneAsync(HttpClient client, CancellationToken until = default) =>
        Task.WhenAll(Enumerable.Range(0, _next.Length).Select(loop => Task.Run(() => LoopAsync(client, loop, until), CancellationToken.None)));

    /// <summary>Returns when so many more events are acknowledged.</summary>
    internal Task AcknowledgedMoreAsync(int more)
    {
        var aim = _acknowledged.Count + more;
        return Expectations.EventuallyAsync(() => Task.FromResult(_acknowledged.Count >= aim), $"{aim} acknowledged events");
    }

    /// <summary>Posts everything once more, acknowledged or not.</summary>
    /// <returns>How many were recorded only now.</returns>
    internal async Task<int> PostAllAgainAsync(HttpClient client)
    {
        var late = 0;
        foreach (var batch in _sent.Chunk(500))
        {
            using var answer = await PostAsync(client, $"[{string.Join(',', batch.Select(e => e.Value))}]", Batch);
            await answer.ShouldBeAsync(HttpStatusCode.OK);
            foreach (var (id, receipt, status) in Receipts(await answer.JsonAsync()))
            {
                var isNew = _acknowledged.TryAdd(id, receipt);
                Assert.Equal(_acknowledged[id], receipt);
                Assert.True(isNew || status == "duplicate", $"{id} was acknowledged before, and now it was {status}.");
                late += status == "accepted" ? 1 : 0;
            }
        }

        return late;
    }

    private async Task LoopAsync(HttpClient client, int loop, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            var events = Enumerable.Range(0, loop < 2 ? Random.Shared.Next(2, 40) : 1).Select(_ => Next(loop)).ToArray();
            try
            {
                using var answer = await PostAsync(client, events.Length > 1 ? $"[{string.Join(',', events)}]" : events[0], events.Length > 1 ? Batch : One);
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    Refusals.Add(answer.StatusCode);
                    continue;
                }

                foreach (var (id, receipt, _) in Receipts(await answer.JsonAsync())) Assert.True(_acknowledged.TryAdd(id, receipt), $"{id} was acknowledged twice.");
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or JsonException)
            {
                // An answer cut off in the middle acknowledges nothing.
                return;
            }
        }
    }

    private string Next(int loop)
    {
        var n = _next[loop]++;
        var (id, subject) = ($"{prefix}{loop}-{n}", $"s{(n / 12) + Random.Shared.Next(3)}");
        _subjects[id] = subject;
        return _sent[id] = Tenant.Attempt(id, subject, Skills[n % Skills.Length], n % 100 / 100.0);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string body, string type) => client.PostAsync("/v1/events", LedgerFixture.Json(body, type));

    private static IEnumerable<(string Id, Acknowledged Receipt, string Status)> Receipts(JsonNode answer) => answer["receipts"]!.AsArray().Select(r =>
        ((string)r!["id"]!, new Acknowledged((Guid)r["eventId"]!, (Guid)r["learner"]!, (long)r["version"]!), (string)r["status"]!));
}
