using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>What is about to be sent again.</summary>
/// <param name="Statements">How many statements.</param>
public sealed record RetryAnswer(long Statements);

/// <summary>Admins have refused statements sent again, after the target was mended.</summary>
public static class RetryRefusedEndpoint
{
    /// <summary>Sends all of them again, oldest first: 202. Those that no longer exist are forgotten.</summary>
    [WolverinePost("/v1/forwards/{code}/refused/retry"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(string code, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            with gone as (
              delete from xapi.forward_refused r where r.tenant = $1 and r.code = $2
                and not exists (select from xapi.statement s where s.tenant = r.tenant and s.id = r.id) returning r.id),
            marked as (
              update xapi.forward_refused r set again = true where r.tenant = $1 and r.code = $2 and r.id not in (select id from gone) returning 1)
            select count(*) from marked
            """);
        command.Parameters.Add(new() { Value = context.Caller().Tenant });
        command.Parameters.Add(new() { Value = code });
        return Results.Json(new RetryAnswer((long)(await command.ExecuteScalarAsync(cancellation))!), LedgerJson.Options, statusCode: 202);
    }
}
