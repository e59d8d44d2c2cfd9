using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>The vocabulary of the cohort tests.</summary>
public static class Cohorts
{
    internal static async Task OpenCohortAsync(this HttpClient client, string code, int? version = null)
    {
        using var answer = await client.PostAsync("/v1/cohorts", LedgerFixture.Json(
            $$"""{"code":"{{code}}","name":"Cohort","framework":"small"{{(version is null ? "" : $",\"version\":{version}")}}}"""));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        await client.ShowCountsOfAsync(1);
    }

    /// <summary>Sets the least people a figure of the tenant may tell of; most tests are about few.</summary>
    internal static async Task ShowCountsOfAsync(this HttpClient client, int minimum)
    {
        using var answer = await client.PutAsync("/v1/analytics/minimum-cell", LedgerFixture.Json($$"""{"minimum":{{minimum}}}"""));
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    internal static string Joined(string id, string subject, string cohort, string time = "2026-01-01T00:00:00Z") =>
        Tenant.Event(id, subject, "cohort.joined", $$"""{"cohort":"{{cohort}}"}""", time);

    internal static string Left(string id, string subject, string cohort, string time = "2026-01-02T00:00:00Z") =>
        Tenant.Event(id, subject, "cohort.left", $$"""{"cohort":"{{cohort}}"}""", time);

    /// <summary>Says that two learners are one person, the first of whom leads.</summary>
    internal static async Task LinkAsync(this HttpClient client, Guid lead, Guid other)
    {
        using var linked = await client.PostAsync($"/v1/learners/{lead:D}/links", LedgerFixture.Json($$"""{"learner":"{{other:D}}","reason":"same-person"}"""));
        await linked.ShouldBeAsync(HttpStatusCode.Created);
    }

    /// <summary>Says that they are not.</summary>
    internal static async Task UnlinkAsync(this HttpClient client, Guid lead, Guid other)
    {
        using var ended = await client.PostAsync($"/v1/learners/{lead:D}/links/{other:D}/end", LedgerFixture.Json("""{"reason":"joined-by-mistake"}"""));
        await ended.ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>The ledger's last sequence: what an as-of may name at most.</summary>
    internal static Task<long> HeadAsync(this LedgerFixture fixture) => fixture.AskAsync<long>("select last_value from ledger.mt_events_sequence");

    /// <summary>A question as of the ledger's head, waited for.</summary>
    internal static async Task<JsonNode> AskAsync(this HttpClient client, LedgerFixture fixture, string cohort, string question) =>
        JsonNode.Parse(await client.ReadAsync(AsOf(cohort, question, $"seq:{await fixture.HeadAsync()}")))!;

    /// <summary>The address of a question, which may have parameters of its own, as of a point.</summary>
    internal static string AsOf(string cohort, string question, string point) =>
        $"/v1/cohorts/{cohort}/analytics/{question}{(question.Contains('?', StringComparison.Ordinal) ? '&' : '?')}asOf={point}";

    /// <summary>Every question that can be asked about one cohort.</summary>
    public static TheoryData<string> Questions =>
    [
        "funnel", "skills", "time-to-milestone?milestone=base", "mastery", "mastery?by=learners", "assessors", "trends", "stuck?days=1", "expiring?days=3650", "compare?with=other",
    ];

    internal static string[] Everything => [Scopes.EventsWrite, Scopes.Admin, Scopes.AnalyticsRead];
}
