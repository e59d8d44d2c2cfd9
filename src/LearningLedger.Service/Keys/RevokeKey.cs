using LearningLedger.Service.Host;
using Wolverine.Http;

namespace LearningLedger.Service.Keys;

/// <summary>Admins revoke keys.</summary>
public static class RevokeKeyEndpoint
{
    /// <summary>Revokes a key for good: 204, also when it was revoked before; 404.</summary>
    [WolverineDelete("/v1/keys/{id}"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Delete(string id, HttpContext context, KeyRing keys, CancellationToken cancellation)
    {
        var caller = context.Caller();
        return await keys.RevokeAsync(caller.Tenant, id, caller.Actor, cancellation) ? Results.NoContent() : Problems.NotFound($"Key {id}");
    }
}
