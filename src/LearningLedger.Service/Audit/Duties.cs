using System.Text.Json.Serialization;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Audit;

/// <summary>A decision by a key that no person answers for.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Learner">About whom.</param>
/// <param name="Version">Version in the learner's stream.</param>
/// <param name="Sequence">Global order number.</param>
/// <param name="Occurred">When it took effect.</param>
/// <param name="Recorded">The server's time.</param>
/// <param name="Actor"><c>key:id</c>.</param>
public sealed record ImpersonalDecision(
    Guid EventId, string Type, Guid Learner, long Version, long Sequence, DateTimeOffset Occurred, DateTimeOffset Recorded, string Actor);

/// <summary>An award decided by an actor who reviewed what it rests on. The service refuses these; here the stored events are asked.</summary>
/// <param name="EventId">The grant or renewal.</param>
/// <param name="Learner">About whom.</param>
/// <param name="Award">The award.</param>
/// <param name="Sequence">Global order number.</param>
/// <param name="Actor">Who did both.</param>
/// <param name="Reviews">Event ids of the reviews.</param>
public sealed record DutyViolation(Guid EventId, Guid Learner, Guid Award, long Sequence, string Actor, IReadOnlyList<Guid> Reviews);

/// <summary>A page of the audit of duties.</summary>
/// <param name="Decisions">By sequence.</param>
/// <param name="Violations">Among all awards in the stretch of the ledger this page covers; following every page covers the whole ledger.</param>
/// <param name="Next">The next page, or null.</param>
public sealed record Duties(
    IReadOnlyList<ImpersonalDecision> Decisions, IReadOnlyList<DutyViolation> Violations,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <summary>Auditors see who decided what, where separation of duties rests on keys alone.</summary>
public static class DutiesEndpoint
{
    private const int Page = 1_000;

    // The types of the index mt_events_decision (0010).
    private const string Decided =
        """
        ('evidence.reviewed', 'attempt.voided', 'milestone.awarded', 'award.affirmed', 'award.suspended', 'award.reinstated', 'award.revoked', 'award.renewed')
        """;

    /// <summary>Reviews, voidings, awards and acts on awards by keys without a person, 1,000 a page; 422 <c>?after=</c> below zero.</summary>
    [WolverineGet("/v1/audit/duties"), RequiresScope(Scopes.AuditRead)]
    public static async Task<IResult> Get(long? after, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (after < 0)
        {
            return Problems.Unprocessable("after", "must be a sequence: 0 or more.");
        }

        var tenant = context.Caller().Tenant;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var decisions = await DecisionsAsync(connection, tenant, after ?? 0, cancellation);
        var end = decisions.Count > Page ? decisions[Page - 1].Sequence : long.MaxValue;
        var violations = await ViolationsAsync(connection, tenant, after ?? 0, end, cancellation);
        return Results.Json(
            new Duties([.. decisions.Take(Page)], violations, decisions.Count > Page ? $"/v1/audit/duties?after={end}" : null), LedgerJson.Options);
    }

    private static async Task<List<ImpersonalDecision>> DecisionsAsync(NpgsqlConnection connection, string tenant, long after, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {RecordedEvents.Columns} from ledger.mt_events
              where tenant_id = $1 and seq_id > $2 and type in {Decided} and headers ->> 'actor' like 'key:%' order by seq_id limit {Page + 1}
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = after });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var decisions = new List<ImpersonalDecision>();
        while (await reader.ReadAsync(cancellation))
        {
            var e = RecordedEvents.Read(reader);
            decisions.Add(new(e.EventId, e.Type, e.Stream, e.Version, e.Sequence, e.Occurred, e.Recorded, e.Actor));
        }

        return decisions;
    }

    private static async Task<List<DutyViolation>> ViolationsAsync(
        NpgsqlConnection connection, string tenant, long after, long end, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select a.id, a.stream_id, (a.data ->> 'award')::uuid, a.seq_id, a.headers ->> 'actor', array_agg(r.id order by r.seq_id)
              from ledger.mt_events a
              cross join lateral jsonb_array_elements_text(a.data -> 'basis') as basis (id)
              join ledger.mt_events r on r.id = basis.id::uuid and r.tenant_id = a.tenant_id
              where a.tenant_id = $1 and a.seq_id > $2 and a.seq_id <= $3 and a.type in {Decided} and a.type in ('milestone.awarded', 'award.renewed')
                and a.headers ->> 'actor' not like 'policy:%' and r.type = 'evidence.reviewed' and r.headers ->> 'actor' = a.headers ->> 'actor'
              group by a.id, a.stream_id, a.data, a.seq_id, a.headers order by a.seq_id
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = end });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var violations = new List<DutyViolation>();
        while (await reader.ReadAsync(cancellation))
        {
            violations.Add(new(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetInt64(3), reader.GetString(4), reader.GetFieldValue<Guid[]>(5)));
        }

        return violations;
    }
}
