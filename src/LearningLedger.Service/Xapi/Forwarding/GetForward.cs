using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>One store that statements are sent on to.</summary>
public static class GetForwardEndpoint
{
    /// <summary>How far it is; 404 unknown or another tenant's.</summary>
    [WolverineGet("/v1/forwards/{code}"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Get(string code, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await ForwardView.ReadAsync(connection, context.Caller().Tenant, code, cancellation) is [var one] ? Results.Json(one, LedgerJson.Options) : Problems.NotFound($"Forward {code}");
    }
}
