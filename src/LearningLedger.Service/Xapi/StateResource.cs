using LearningLedger.Service.Host;
using LearningLedger.Xapi;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>State of an agent in an activity: what content wants to find again.</summary>
public static class StateEndpoint
{
    private const string Route = XapiProtocol.Root + "/activities/state";

    /// <summary>A document by <c>stateId</c>, or the ids of all.</summary>
    [WolverineGet(Route), RequiresScope(Scopes.State)]
    public static Task<IResult> Get(HttpContext context, Documents documents, TenantKeys keys, TimeProvider time, CancellationToken cancellation) =>
        DocumentResource.GetAsync(context, documents, AddressAsync(context, keys, idRequired: false, cancellation, "since"), time, cancellation);

    /// <summary>Replaces a document.</summary>
    [WolverinePut(Route), RequiresScope(Scopes.State)]
    public static Task<IResult> Put(HttpContext context, Documents documents, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation) =>
        DocumentResource.PutAsync(context, documents, AddressAsync(context, keys, idRequired: true, cancellation), settings, cancellation);

    /// <summary>Merges a document.</summary>
    [WolverinePost(Route), RequiresScope(Scopes.State)]
    public static Task<IResult> Post(HttpContext context, Documents documents, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation) =>
        DocumentResource.PostAsync(context, documents, AddressAsync(context, keys, idRequired: true, cancellation), settings, cancellation);

    /// <summary>Removes a document by <c>stateId</c>, or all.</summary>
    [WolverineDelete(Route), RequiresScope(Scopes.State)]
    public static Task<IResult> Delete(HttpContext context, Documents documents, TenantKeys keys, CancellationToken cancellation) =>
        DocumentResource.DeleteAsync(context, documents, AddressAsync(context, keys, idRequired: false, cancellation), cancellation);

    private static async Task<(DocumentAddress? At, Parameters Parameters)> AddressAsync(
        HttpContext context, TenantKeys keys, bool idRequired, CancellationToken cancellation, params string[] others)
    {
        var parameters = new Parameters(context, ["activityId", "agent", "registration", "stateId", .. others]);
        var activity = parameters.Iri("activityId", required: true);
        var agent = parameters.Agent("agent", required: true);
        var registration = parameters.Uuid("registration");
        var id = parameters.Text("stateId", idRequired);
        if (parameters.Problem is not null)
        {
            return (null, parameters);
        }

        var tenant = context.Caller().Tenant;
        var key = await keys.OfAsync(tenant, cancellation);
        return (new DocumentAddress(
            tenant, Documents.State, key.OfAgent(AgentIdentifier.Of(agent!.Value)!.Value), key.OfActivity(activity!), registration ?? Guid.Empty, id ?? ""), parameters);
    }
}
