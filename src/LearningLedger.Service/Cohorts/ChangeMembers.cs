using LearningLedger.Cohorts;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Cohorts;

/// <summary>Learners are put into cohorts.</summary>
public static class JoinCohortEndpoint
{
    /// <summary>Takes a learner in from now on: 204, also when they belong already; 404 unknown cohort or learner; 410 erased; 409 closed.</summary>
    [WolverinePut("/v1/cohorts/{code}/members/{learner}"), RequiresScope(Scopes.EventsWrite)]
    public static async Task<IResult> Put(
        string code, Guid learner, HttpContext context, CatalogueDecisions decisions, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var by = DecidedBy.Of(context);
        return await LearnerStreams.RefusalAsync(database, by.Tenant, learner, cancellation)
            ?? CohortAnswers.Of(context, await decisions.MoveAsync(by, code, time, (state, at) => CohortRules.Join(state, learner, at), cancellation), () => null, 204);
    }

    /// <summary>One join or leave, now.</summary>
    internal static Task<CohortResult?> MoveAsync(
        this CatalogueDecisions decisions, DecidedBy by, string code, TimeProvider time, Func<CohortState, DateTimeOffset, CohortResult> move, CancellationToken cancellation) =>
        decisions.DecideAsync<Store.Cohort, CohortResult>(
            by, LedgerIds.Cohort(by.Tenant, code), code,
            cohort =>
            {
                var now = LedgerJson.Microseconds(time.GetUtcNow());
                return CohortAnswers.Stored(move(cohort?.State ?? CohortState.None, now), now);
            },
            cancellation);
}

/// <summary>Learners leave cohorts.</summary>
public static class LeaveCohortEndpoint
{
    /// <summary>Ends a membership now: 204; 404 unknown cohort or learner, or not a member; 410 erased.</summary>
    [WolverineDelete("/v1/cohorts/{code}/members/{learner}"), RequiresScope(Scopes.EventsWrite)]
    public static async Task<IResult> Delete(
        string code, Guid learner, HttpContext context, CatalogueDecisions decisions, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var by = DecidedBy.Of(context);
        return await LearnerStreams.RefusalAsync(database, by.Tenant, learner, cancellation)
            ?? CohortAnswers.Of(context, await decisions.MoveAsync(by, code, time, (state, at) => CohortRules.Leave(state, learner, at), cancellation), () => null, 204);
    }
}
