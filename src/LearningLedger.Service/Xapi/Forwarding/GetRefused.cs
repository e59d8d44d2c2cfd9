using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>A statement a target would not take.</summary>
/// <param name="Statement">Its id.</param>
/// <param name="Stored">When it was stored here, UTC.</param>
/// <param name="RefusedAt">When it was refused last, UTC.</param>
/// <param name="Problem">What the target said.</param>
/// <param name="Again">Whether it is about to be sent again.</param>
public sealed record RefusedStatement(Guid Statement, DateTimeOffset Stored, DateTimeOffset RefusedAt, string Problem, bool Again);

/// <summary>The statements a target would not take.</summary>
/// <param name="Refused">Oldest first, 1,000 at most.</param>
public sealed record RefusedList(IReadOnlyList<RefusedStatement> Refused);

/// <summary>What a target would not take.</summary>
public static class GetRefusedEndpoint
{
    /// <summary>The oldest 1,000; empty where there are none.</summary>
    [WolverineGet("/v1/forwards/{code}/refused"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Get(string code, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select id, stored, refused_at, problem, again from xapi.forward_refused where tenant = $1 and code = $2 order by stored, id limit 1000");
        command.Parameters.Add(new() { Value = context.Caller().Tenant });
        command.Parameters.Add(new() { Value = code });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var refused = new List<RefusedStatement>();
        while (await row.ReadAsync(cancellation))
        {
            refused.Add(new(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3), row.GetBoolean(4)));
        }

        return Results.Json(new RefusedList(refused), LedgerJson.Options);
    }
}
