using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Log;

/// <summary>What does not agree in a tenant.</summary>
/// <param name="Findings">By kind and subject; none is how it should be.</param>
public sealed record FindingsAnswer(IReadOnlyList<Finding> Findings);

/// <summary>Auditors see what does not agree; admins have it looked for.</summary>
public static class FindingsEndpoint
{
    /// <summary>What is known.</summary>
    [WolverineGet("/v1/log/findings"), RequiresScope(Scopes.AuditRead)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return Results.Json(new FindingsAnswer(await Finding.ReadAsync(connection, context.Caller().Tenant, cancellation)), LedgerJson.Options);
    }

    /// <summary>Holds events and log of the caller's tenant against each other now; some minutes for ten million events.</summary>
    [WolverinePost("/v1/log/reconcile"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(HttpContext context, Reconciliation reconciliation, CancellationToken cancellation) =>
        Results.Json(new FindingsAnswer(await reconciliation.ReconcileAsync(context.Caller().Tenant, cancellation)), LedgerJson.Options);
}
