using LearningLedger.Service.Host;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Profile of an activity: what content keeps for everybody.</summary>
public static class ActivityProfileEndpoint
{
    private const string Route = XapiProtocol.Root + "/activities/profile";

    /// <summary>A document by <c>profileId</c>, or the ids of all.</summary>
    [WolverineGet(Route), RequiresScope(Scopes.Profile)]
    public static async Task<IResult> Get(HttpContext context, Documents documents, TenantKeys keys, TimeProvider time, CancellationToken cancellation)
    {
        var (at, parameters) = await AddressAsync(context, keys, idRequired: false, cancellation, "since");
        var since = parameters.Time("since");
        return parameters.Problem ?? (at!.Id.Length > 0
            ? await DocumentResource.GetAsync(context, documents, at, cancellation)
            : await DocumentResource.ListAsync(context, documents, at, null, since, time, cancellation));
    }

    /// <summary>Replaces a document.</summary>
    [WolverinePut(Route), RequiresScope(Scopes.Profile)]
    public static async Task<IResult> Put(HttpContext context, Documents documents, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation)
    {
        var (at, parameters) = await AddressAsync(context, keys, idRequired: true, cancellation);
        return parameters.Problem ?? await DocumentResource.PutAsync(context, documents, at!, settings, cancellation);
    }

    /// <summary>Merges a document.</summary>
    [WolverinePost(Route), RequiresScope(Scopes.Profile)]
    public static async Task<IResult> Post(HttpContext context, Documents documents, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation)
    {
        var (at, parameters) = await AddressAsync(context, keys, idRequired: true, cancellation);
        return parameters.Problem ?? await DocumentResource.PostAsync(context, documents, at!, settings, cancellation);
    }

    /// <summary>Removes a document.</summary>
    [WolverineDelete(Route), RequiresScope(Scopes.Profile)]
    public static async Task<IResult> Delete(HttpContext context, Documents documents, TenantKeys keys, CancellationToken cancellation)
    {
        var (at, parameters) = await AddressAsync(context, keys, idRequired: true, cancellation);
        return parameters.Problem ?? await DocumentResource.DeleteAsync(context, documents, at!, cancellation);
    }

    private static async Task<(DocumentAddress? At, Parameters Parameters)> AddressAsync(
        HttpContext context, TenantKeys keys, bool idRequired, CancellationToken cancellation, params string[] others)
    {
        var parameters = new Parameters(context, ["activityId", "profileId", .. others]);
        var activity = parameters.Iri("activityId", required: true);
        var id = parameters.Text("profileId", idRequired);
        if (parameters.Problem is not null)
        {
            return (null, parameters);
        }

        var tenant = context.Caller().Tenant;
        var key = await keys.OfAsync(tenant, cancellation);
        return (new DocumentAddress(tenant, Documents.ActivityProfile, Guid.Empty, key.OfActivity(activity!), Guid.Empty, id ?? ""), parameters);
    }
}
