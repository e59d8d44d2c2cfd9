using LearningLedger.Service.Host;
using LearningLedger.Xapi;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Profile of an agent: what content keeps of a person across activities.</summary>
public static class AgentProfileEndpoint
{
    private const string Route = XapiProtocol.Root + "/agents/profile";

    /// <summary>A document by <c>profileId</c>, or the ids of all.</summary>
    [WolverineGet(Route), RequiresScope(Scopes.Profile)]
    public static Task<IResult> Get(HttpContext context, Documents documents, TenantKeys keys, TimeProvider time, CancellationToken cancellation) =>
        DocumentResource.GetAsync(context, documents, AddressAsync(context, keys, idRequired: false, cancellation, "since"), time, cancellation);

    /// <summary>Replaces a document.</summary>
    [WolverinePut(Route), RequiresScope(Scopes.Profile)]
    public static Task<IResult> Put(HttpContext context, Documents documents, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation) =>
        DocumentResource.PutAsync(context, documents, AddressAsync(context, keys, idRequired: true, cancellation), settings, cancellation);

    /// <summary>Merges a document.</summary>
    [WolverinePost(Route), RequiresScope(Scopes.Profile)]
    public static Task<IResult> Post(HttpContext context, Documents documents, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation) =>
        DocumentResource.PostAsync(context, documents, AddressAsync(context, keys, idRequired: true, cancellation), settings, cancellation);

    /// <summary>Removes a document.</summary>
    [WolverineDelete(Route), RequiresScope(Scopes.Profile)]
    public static Task<IResult> Delete(HttpContext context, Documents documents, TenantKeys keys, CancellationToken cancellation) =>
        DocumentResource.DeleteAsync(context, documents, AddressAsync(context, keys, idRequired: true, cancellation), cancellation);

    private static async Task<(DocumentAddress? At, Parameters Parameters)> AddressAsync(
        HttpContext context, TenantKeys keys, bool idRequired, CancellationToken cancellation, params string[] others)
    {
        var parameters = new Parameters(context, ["agent", "profileId", .. others]);
        var agent = parameters.Agent("agent", required: true);
        var id = parameters.Text("profileId", idRequired);
        if (parameters.Problem is not null)
        {
            return (null, parameters);
        }

        var tenant = context.Caller().Tenant;
        var key = await keys.OfAsync(tenant, cancellation);
        return (new DocumentAddress(
            tenant, Documents.AgentProfile, key.OfAgent(AgentIdentifier.Of(agent!.Value)!.Value), Guid.Empty, Guid.Empty, id ?? ""), parameters);
    }
}
