using LearningLedger.Service.Host;
using Npgsql;
using NpgsqlTypes;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>A store that statements are sent on to; its password is shown to nobody.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Url">Its xAPI endpoint.</param>
/// <param name="User">Name there.</param>
/// <param name="Version">The xAPI version it speaks.</param>
/// <param name="Verbs">IRIs of verbs to send; absent: all.</param>
/// <param name="Activities">IRIs of activities to send; absent: all.</param>
/// <param name="Paused">Whether nothing is sent for the time being.</param>
/// <param name="Position">Everything stored up to here is dealt with, UTC.</param>
/// <param name="Newest">When the newest statement was stored, UTC; absent: there is none.</param>
/// <param name="Sent">Statements sent, repetitions included.</param>
/// <param name="Refused">Statements it would not take.</param>
/// <param name="Failures">Tries in a row that came to nothing.</param>
/// <param name="Problem">What the last of these said.</param>
/// <param name="NextTry">When the next one is due, UTC; absent: none failed.</param>
public sealed record ForwardView(
    string Code, string Url, string User, string Version, IReadOnlyList<string>? Verbs, IReadOnlyList<string>? Activities, bool Paused, DateTimeOffset Position,
    DateTimeOffset? Newest, long Sent, long Refused, int Failures, string? Problem, DateTimeOffset? NextTry)
{
    /// <summary>Reads one, or all, of a tenant.</summary>
    internal static async Task<List<ForwardView>> ReadAsync(NpgsqlConnection connection, string tenant, string? code, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select f.code, f.url, f.user_name, f.version, f.verbs, f.activities, f.paused, f.sent_stored, (select max(s.stored) from xapi.statement s where s.tenant = $1), f.sent,
                (select count(*) from xapi.forward_refused r where r.tenant = $1 and r.code = f.code), f.failures, f.problem, case when f.failures > 0 then f.next_try end
              from xapi.forward f where f.tenant = $1 and ($2 is null or f.code = $2) order by f.code
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = (object?)code ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var found = new List<ForwardView>();
        while (await row.ReadAsync(cancellation))
        {
            found.Add(new(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4),
                row.IsDBNull(5) ? null : row.GetFieldValue<string[]>(5), row.GetBoolean(6), row.GetFieldValue<DateTimeOffset>(7),
                row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8), row.GetInt64(9), row.GetInt64(10), row.GetInt32(11), row.IsDBNull(12) ? null : row.GetString(12),
                row.IsDBNull(13) ? null : row.GetFieldValue<DateTimeOffset>(13)));
        }

        return found;
    }
}

/// <summary>All stores of a tenant that statements are sent on to.</summary>
/// <param name="Forwards">By code.</param>
public sealed record ForwardList(IReadOnlyList<ForwardView> Forwards);

/// <summary>Where statements are sent on to, and how far each target is.</summary>
public static class GetForwardsEndpoint
{
    /// <summary>All of the tenant's.</summary>
    [WolverineGet("/v1/forwards"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return Results.Json(new ForwardList(await ForwardView.ReadAsync(connection, context.Caller().Tenant, null, cancellation)), LedgerJson.Options);
    }
}
