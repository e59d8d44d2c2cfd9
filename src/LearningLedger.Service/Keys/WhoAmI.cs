using LearningLedger.Service.Host;
using Wolverine.Http;
namespace LearningLedger.Service.Keys;
public static class WhoAmIEndpoint
{
    [WolverineGet("/v1/probe"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, KeyRing keys, CancellationToken ct) => Results.Json(await keys.ListAsync(context.Caller().Tenant, ct));
}
