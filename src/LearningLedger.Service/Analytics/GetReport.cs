using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>A published figure, derived again.</summary>
/// <param name="Report">What was saved.</param>
/// <param name="SavedAt">When it was recorded, UTC.</param>
/// <param name="SavedBy">Who saved it.</param>
/// <param name="Reproduced">Whether the answer derived now is the one that was saved, byte for byte; absent where it is not because somebody counted then is erased.</param>
/// <param name="DigestNow">SHA-256 of the answer derived now; absent where the question is not answered any more.</param>
/// <param name="Answer">That answer; absent where the tenant now shows figures of more people only than it did then.</param>
/// <param name="ErasedSince">When somebody who was counted at that point was erased last; absent: nobody was.</param>
public sealed record DerivedReport(
    SavedReport Report, DateTimeOffset SavedAt, string SavedBy, bool? Reproduced, string? DigestNow, object? Answer, string? ErasedSince = null);

/// <summary>The saved reports of a tenant.</summary>
/// <param name="Reports">Oldest first.</param>
public sealed record ReportList(IReadOnlyList<SavedReport> Reports);

/// <summary>Anybody who may ask derives a published figure again.</summary>
public static class GetReportEndpoint
{
    private sealed record Stored(Guid Id, ReportSaved Saved, DateTimeOffset At, string By);

    /// <summary>All reports of the tenant.</summary>
    [WolverineGet("/v1/reports"), RequiresScope(Scopes.AnalyticsRead)]
    public static async Task<IResult> List(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation) =>
        Results.Json(
            new ReportList([.. (await ReadAsync(database, context.Caller().Tenant, null, cancellation)).Select(r => SaveReportEndpoint.Of(r.Id, r.Saved))]), LedgerJson.Options);

    /// <summary>One report and whether it still comes out the same; 404; 503 as the question's own route.</summary>
    [WolverineGet("/v1/reports/{id}"), RequiresScope(Scopes.AnalyticsRead)]
    public static async Task<IResult> Get(Guid id, HttpContext context, CohortQuestion questions, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if ((await ReadAsync(database, context.Caller().Tenant, id, cancellation)).SingleOrDefault() is not { } stored)
        {
            return Problems.NotFound($"Report {id:D}");
        }

        var saved = stored.Saved;
        var parameters = new Parameters(new Dictionary<string, string>(saved.Parameters) { ["asOf"] = $"seq:{saved.Sequence}" });
        var shown = true;
        var answer = await questions.AskAsync(
            context, saved.Cohort, parameters,
            (connection, at, more, token) =>
            {
                shown = at.MinimumCell <= saved.MinimumCell;
                return Questions.All[saved.Question].Ask(connection, at with { MinimumCell = saved.MinimumCell }, more, token);
            },
            cancellation);
        if (answer is IResult later && context.Response.Headers.RetryAfter.Count > 0)
        {
            return later;
        }

        var digest = answer is IResult ? null : Questions.Digest(Questions.Bytes(answer));
        var erasedSince = (string?)(answer as JsonObject)?[CohortQuestion.ErasedSince];
        return Results.Json(
            new DerivedReport(
                SaveReportEndpoint.Of(stored.Id, saved), stored.At, stored.By, digest == saved.Digest ? true : erasedSince is null ? false : null, digest,
                shown && digest is not null ? answer : null, erasedSince),
            LedgerJson.Options);
    }

    private static async Task<List<Stored>> ReadAsync(NpgsqlDataSource database, string tenant, Guid? id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select id, data::text, timestamp, headers ->> 'actor' from ledger.mt_events
              where tenant_id = $1 and stream_id = $2 and type = 'report.saved' and ($3::uuid is null or id = $3) order by version
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = LedgerIds.Reports(tenant) });
        command.Parameters.Add(new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var stored = new List<Stored>();
        while (await reader.ReadAsync(cancellation))
        {
            stored.Add(new Stored(
                reader.GetGuid(0), JsonSerializer.Deserialize<ReportSaved>(reader.GetString(1), LedgerJson.Options)!, reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3)));
        }

        return stored;
    }
}
