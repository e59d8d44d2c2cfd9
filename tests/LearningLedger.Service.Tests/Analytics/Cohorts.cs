using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>The vocabulary of the cohort tests.</summary>
internal static class Cohorts
{
    internal static async Task OpenCohortAsync(this HttpClient client, string code, int? version = null)
    {
        using var answer = await client.PostAsync("/v1/cohorts", LedgerFixture.Json(
            $$"""{"code":"{{code}}","name":"Cohort","framework":"small"{{(version is null ? "" : $",\"version\":{version}")}}}"""));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
    }

    internal static string Joined(string id, string subject, string cohort, string time = "2026-01-01T00:00:00Z") =>
        Tenant.Event(id, subject, "cohort.joined", $$"""{"cohort":"{{cohort}}"}""", time);

    internal static string Left(string id, string subject, string cohort, string time = "2026-01-02T00:00:00Z") =>
        Tenant.Event(id, subject, "cohort.left", $$"""{"cohort":"{{cohort}}"}""", time);

    /// <summary>The ledger's last sequence: what an as-of may name at most.</summary>
    internal static Task<long> HeadAsync(this LedgerFixture fixture) => fixture.AskAsync<long>("select last_value from ledger.mt_events_sequence");

    /// <summary>A question as of the ledger's head, waited for.</summary>
    internal static async Task<JsonNode> AskAsync(this HttpClient client, LedgerFixture fixture, string cohort, string question) =>
        JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/{cohort}/analytics/{question}?asOf=seq:{await fixture.HeadAsync()}"))!;

    internal static string[] Everything => [Scopes.EventsWrite, Scopes.Admin, Scopes.AnalyticsRead];
}
