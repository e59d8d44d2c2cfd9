using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Erasure;

/// <summary>The vocabulary of the erasure tests.</summary>
internal static class Erasing
{
    internal const string Ground = """{"ground":"gdpr-17-1-b","reference":"DPO/2026-0017"}""";

    internal static Task<HttpResponseMessage> AskToEraseAsync(this HttpClient admin, Guid learner, string body = Ground) =>
        admin.PostAsync($"/v1/learners/{learner}/erasure", LedgerFixture.Json(body));

    /// <summary>Erases; returns the answer.</summary>
    internal static async Task<JsonNode> EraseAsync(this HttpClient admin, Guid learner)
    {
        using var answer = await admin.AskToEraseAsync(learner);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.JsonAsync();
    }

    /// <summary>A number from the database.</summary>
    internal static async Task<long> CountAsync(this LedgerFixture fixture, string from)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(fixture.ConnectionString);
        await using var command = database.CreateCommand("select count(*) from " + from);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The learner of a name at the platform, as the database has it.</summary>
    internal static async Task<Guid?> FoundAsync(this Tenant tenant, string subject)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(tenant.Fixture.ConnectionString);
        await using var command = database.CreateCommand($"select learner from registry.identity where tenant = '{tenant.Name}' and value = '{subject}'");
        return await command.ExecuteScalarAsync() as Guid?;
    }

    internal static Guid Learner(this JsonNode posted, int index = 0) => (Guid)posted["receipts"]![index]!["learner"]!;

    internal static string[] Statuses(this JsonNode posted) => [.. posted["receipts"]!.AsArray().Select(r => (string)r!["status"]!)];
}
