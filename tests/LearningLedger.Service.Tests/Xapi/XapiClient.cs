using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Xapi;

/// <summary>A platform that speaks xAPI.</summary>
internal static class XapiClient
{
    internal const string Statements = "/xapi/statements";

    internal const string Activity = "https://lms.example/activities/1";

    /// <summary>A client with a new key, as id and secret, that speaks a version.</summary>
    internal static async Task<HttpClient> XapiAsync(this Tenant tenant, string version, params string[] scopes)
    {
        var key = (await tenant.KeyAsync(scopes)).Split('_');
        var client = tenant.Fixture.Client(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{key[1]}:{key[2]}")));
        client.DefaultRequestHeaders.Add("X-Experience-API-Version", version);
        return client;
    }

    internal static string Statement(
        Guid? id = null, string actor = "ann", string verb = "https://example.com/verbs/did", string activity = Activity, string? target = null, string rest = "") =>
        "{" + (id is null ? "" : $"\"id\":\"{id:D}\",")
        + $$"""
          "actor":{"account":{"homePage":"https://lms.example","name":"{{actor}}"} },"verb":{"id":"{{verb}}"},
          "object":
          """
        + (target ?? $$"""{"id":"{{activity}}"}""") + rest + "}";

    internal static string Reference(Guid target) => $$"""{"objectType":"StatementRef","id":"{{target:D}}"}""";

    internal static string Voiding(Guid target, Guid? id = null) =>
        Statement(id, actor: "teacher", verb: "http://adlnet.gov/expapi/verbs/voided", target: Reference(target));

    internal static Task<HttpResponseMessage> SendAsync(this HttpClient client, params string[] statements) =>
        client.PostAsync(Statements, LedgerFixture.Json(statements.Length == 1 ? statements[0] : $"[{string.Join(',', statements)}]"));

    internal static async Task<Guid[]> StoredAsync(this HttpClient client, params string[] statements)
    {
        using var answer = await client.SendAsync(statements);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return [.. (await answer.JsonAsync()).AsArray().Select(i => i!.GetValue<Guid>())];
    }

    internal static async Task<JsonNode> ReadAsync(this HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.JsonAsync();
    }

    internal static async Task<Guid[]> IdsAsync(this HttpClient client, string query) =>
        [.. (await client.ReadAsync($"{Statements}?{query}"))["statements"]!.AsArray().Select(s => s!["id"]!.GetValue<Guid>())];

    internal static string Agent(string name) => "agent=" + Uri.EscapeDataString($$"""{"account":{"homePage":"https://lms.example","name":"{{name}}"} }""");
}
