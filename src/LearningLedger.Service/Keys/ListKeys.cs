using LearningLedger.Service.Host;
using Wolverine.Http;

namespace LearningLedger.Service.Keys;

/// <summary>The keys of the caller's tenant.</summary>
/// <param name="Keys">Oldest first, revoked ones included; never a secret.</param>
public sealed record KeyList(IReadOnlyList<KeyRing.Stored> Keys);

/// <summary>Admins list keys.</summary>
public static class ListKeysEndpoint
{
    /// <summary>The keys.</summary>
    [WolverineGet("/v1/keys"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, KeyRing keys, CancellationToken cancellation) =>
        Results.Json(new KeyList(await keys.ListAsync(context.Caller().Tenant, cancellation)), LedgerJson.Options);
}
