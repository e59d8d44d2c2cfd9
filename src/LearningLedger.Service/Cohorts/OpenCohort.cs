using LearningLedger.Cohorts;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Cohorts;

/// <summary>A cohort to open.</summary>
/// <param name="Code">Slug, unique in the tenant.</param>
/// <param name="Name">For people; names a group, never a person.</param>
/// <param name="Framework">Code of the framework its members are judged under.</param>
/// <param name="Version">The version pinned for its members; absent: always the latest.</param>
public sealed record OpenCohort(string? Code, string? Name, string? Framework, int? Version = null);

/// <summary>A cohort.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Name">Its name.</param>
/// <param name="Framework">Its framework.</param>
/// <param name="Version">The pinned version, if any.</param>
public sealed record OpenedCohort(string Code, string Name, string Framework, int? Version);

/// <summary>Admins open cohorts.</summary>
public static class OpenCohortEndpoint
{
    /// <summary>Opens a cohort: 201; 200 when it is open under the same words already; 409 under other words, or its framework is retired; 422.</summary>
    [WolverinePost("/v1/cohorts"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(
        HttpContext context, CatalogueDecisions decisions, Catalogue catalogue, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<OpenCohort>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        var by = DecidedBy.Of(context);
        var known = await catalogue.CurrentAsync(by.Tenant, cancellation);
        var framework = known.FrameworkState(command!.Framework ?? "");
        var result = await decisions.DecideAsync<Store.Cohort, CohortResult>(
            by, LedgerIds.Cohort(by.Tenant, command.Code ?? ""), command.Code ?? "",
            cohort => CohortAnswers.Stored(CohortRules.Open(cohort?.State ?? CohortState.None, command.Code, command.Name, framework, command.Version)),
            cancellation);
        context.Response.Headers.Location = result is CohortResult.Changed ? $"/v1/cohorts/{command.Code}" : default;
        return CohortAnswers.Of(
            context, result, () => new OpenedCohort(command.Code!, command.Name!, command.Framework!, command.Version), createdStatus: 201);
    }
}
