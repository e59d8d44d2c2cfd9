using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using Microsoft.Extensions.Configuration;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>The real service on a database of its own, listening on a free port of the loopback.</summary>
public class LedgerFixture : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly Dictionary<string, string?> _settings;
    private int _tenants;

    /// <summary>With the settings of a fresh installation.</summary>
    public LedgerFixture() : this([])
    {
    }

    internal LedgerFixture(Dictionary<string, string?> settings) => _settings = settings;

    internal RunningLedger Ledger { get; private set; } = null!;

    internal string ConnectionString { get; private set; } = "";

    /// <summary>The data directory.</summary>
    internal string Data => _directory.Data;

    internal KeyText Bootstrap { get; } = KeyText.Make();

    public async Task InitializeAsync()
    {
        ConnectionString = await TestCluster.CreateDatabaseAsync("ledger");
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await Ledger.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Starts the service; after <see cref="StopAsync"/>, on the same data.</summary>
    internal async Task StartAsync() =>
        Ledger = await RunningLedger.StartAsync(["--urls", "http://127.0.0.1:0"], _ => { }, builder => builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>(_settings)
            {
                ["ConnectionStrings:ledger"] = ConnectionString,
                ["Ledger:DataDirectory"] = _directory.Data,
                ["Ledger:BootstrapKey"] = Bootstrap.ToString(),
            }), CancellationToken.None);

    internal async Task StopAsync() => await Ledger.DisposeAsync();

    /// <summary>A client that sends a key; null sends none.</summary>
    internal HttpClient Client(string? key)
    {
        var client = new HttpClient { BaseAddress = new Uri(Ledger.Url) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>A new tenant with the framework of <see cref="SmallFramework"/>.</summary>
    internal async Task<Tenant> TenantAsync(bool withFramework = true)
    {
        var tenant = new Tenant(this, $"t{Interlocked.Increment(ref _tenants)}");
        if (withFramework)
        {
            using var admin = await tenant.ClientAsync(Scopes.Admin);
            using var answer = await admin.PostAsync("/v1/frameworks", Json(SmallFramework));
            await answer.ShouldBeAsync(HttpStatusCode.Created);
        }

        return tenant;
    }

    internal static StringContent Json(string text, string mediaType = "application/json") => new(text, Encoding.UTF8, mediaType);

    /// <summary>Two levels: <c>base</c> (skills alpha, beta; automatic) and <c>peak</c> (skills beta, gamma; by an assessor, P1Y), peak requires base.</summary>
    internal const string SmallFramework =
        """
        {"code":"small","version":0,"title":"Small","milestones":[
          {"code":"base","level":0,"title":"Base","summary":"First.","skills":["alpha","beta"],
           "rule":{"passingScore":0.7,"attempts":"best","evidence":{"minimum":1,"distinctAssessors":1},"requires":[],"decision":"automatic"}},
          {"code":"peak","level":1,"title":"Peak","summary":"Second.","skills":["beta","gamma"],
           "rule":{"passingScore":0.8,"attempts":"latest","evidence":{"minimum":1,"distinctAssessors":1},"requires":["base"],"decision":"assessor","validFor":"P1Y"}}],
         "skills":[{"code":"alpha","title":"Alpha"},{"code":"beta","title":"Beta"},{"code":"gamma","title":"Gamma"}]}
        """;
}

/// <summary>A tenant of a test, and keys to act in it.</summary>
internal sealed class Tenant(LedgerFixture fixture, string name)
{
    internal const string Source = "https://platform.example/lms";

    internal string Name => name;

    internal LedgerFixture Fixture => fixture;

    /// <summary>A new key of this tenant.</summary>
    internal async Task<string> KeyAsync(string[] scopes, string? person = null, string[]? sources = null)
    {
        using var operatorClient = fixture.Client(fixture.Bootstrap.ToString());
        using var answer = await operatorClient.PostAsync("/v1/keys", LedgerFixture.Json(JsonSerializer.Serialize(
            new { name = "test", scopes, person, sources, tenant = name }, LedgerJson.Options)));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        return (await answer.JsonAsync())["key"]!.GetValue<string>();
    }

    /// <summary>A client with a new key of these scopes.</summary>
    internal async Task<HttpClient> ClientAsync(params string[] scopes) => fixture.Client(await KeyAsync(scopes));

    /// <summary>A client of a person.</summary>
    internal async Task<HttpClient> PersonAsync(string person, params string[] scopes) => fixture.Client(await KeyAsync(scopes, person));

    /// <summary>One CloudEvent as JSON.</summary>
    internal static string Event(string id, string subject, string type, string data, string time = "2026-01-05T10:00:00Z", string source = Source) =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","subject":"{{subject}}","time":"{{time}}","type":"{{type}}","data":{{data}}}""";

    internal static string Attempt(string id, string subject, string skill, double score, string time = "2026-01-05T10:00:00Z") =>
        Event(id, subject, "skill.attempted", string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"skill":"{{skill}}","score":{{score}}}"""), time);

    internal static string Evidence(string id, string subject, Guid evidence, string skills = "\"alpha\"", string time = "2026-01-05T11:00:00Z") =>
        Event(id, subject, "evidence.submitted",
            $$"""{"evidence":"{{evidence:D}}","skills":[{{skills}}],"mediaType":"application/pdf","size":3,"sha256":"{{new string('a', 64)}}","location":"https://platform.example/f/1","title":"My work"}""", time);

    /// <summary>Posts events as a batch and expects them recorded.</summary>
    internal static async Task<JsonNode> PostAsync(HttpClient client, params string[] events)
    {
        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json($"[{string.Join(',', events)}]", "application/cloudevents-batch+json"));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.JsonAsync();
    }
}

/// <summary>What tests ask of answers.</summary>
internal static class Expectations
{
    internal static async Task ShouldBeAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        if (answer.StatusCode != status)
        {
            Assert.Fail($"Expected {(int)status}, got {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    internal static async Task<JsonNode> JsonAsync(this HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    /// <summary>Awaits a condition; fails after a time no healthy run comes near.</summary>
    internal static async Task EventuallyAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Waited in vain for: {what}");
            await Task.Delay(20);
        }
    }
}
