using LearningLedger.Service.Host;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Stores one statement under an id the client has chosen.</summary>
public static class PutStatementEndpoint
{
    /// <summary>Stores it: 204, also when the same statement is stored already.</summary>
    [WolverinePut(PostStatementsEndpoint.Route), RequiresScope(Scopes.StatementsWrite)]
    public static async Task<IResult> Put(HttpContext context, StatementStore store, LedgerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var parameters = new Parameters(context, "statementId");
        var id = parameters.Uuid("statementId", required: true);
        var (_, problem) = await PostStatementsEndpoint.StoreAsync(context, parameters, id, store, settings, time, cancellation);
        return problem ?? Results.NoContent();
    }
}
