using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Cohorts;

/// <summary>The cohorts of a tenant.</summary>
/// <param name="Cohorts">By code, closed ones included.</param>
public sealed record CohortList(IReadOnlyList<TenantCatalogue.KnownCohort> Cohorts);

/// <summary>Which cohorts there are.</summary>
public static class ListCohortsEndpoint
{
    /// <summary>All cohorts ever opened; never who belongs to them.</summary>
    [WolverineGet("/v1/cohorts"), RequiresScope(Scopes.AnalyticsRead, Scopes.TranscriptsRead, Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, Catalogue catalogue, CancellationToken cancellation) =>
        Results.Json(new CohortList((await catalogue.CurrentAsync(context.Caller().Tenant, cancellation)).Cohorts), LedgerJson.Options);
}
