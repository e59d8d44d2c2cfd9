using LearningLedger.Cohorts;
using LearningLedger.Events;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Cohorts;

/// <summary>What came of decisions about cohorts, as HTTP answers.</summary>
internal static class CohortAnswers
{
    /// <summary>The result with the event to store, if it has one.</summary>
    internal static (CohortResult Result, ILedgerEvent? Event, DateTimeOffset? Occurred) Stored(CohortResult result, DateTimeOffset? occurred = null) =>
        (result, (result as CohortResult.Changed)?.Event, occurred);

    /// <summary>The answer.</summary>
    internal static IResult Of(HttpContext context, CohortResult? result, Func<object?> body, int createdStatus) => result switch
    {
        CohortResult.Changed => Body(body(), createdStatus),
        CohortResult.Unchanged => Body(body(), 200),
        CohortResult.Invalid invalid => Problems.Unprocessable([.. invalid.Faults.Select(f => new Problems.Fault(null, f.Field, f.Message + "."))]),
        CohortResult.Refused { Reason: CohortRefusal.Unknown } => Problems.NotFound("This cohort"),
        CohortResult.Refused { Reason: CohortRefusal.NotAMember } => Problems.NotFound("This learner in this cohort"),
        CohortResult.Refused { Reason: CohortRefusal.Closed } => Problems.Conflict("The cohort is closed and takes nobody in."),
        CohortResult.Refused { Reason: CohortRefusal.FrameworkRetired } => Problems.Conflict("The framework is retired."),
        CohortResult.Refused => Problems.Conflict("A cohort of this code was opened with another name, framework or version."),
        _ => Problems.Later(context, 503, "Others change this cohort at the moment.", seconds: 1),
    };

    private static IResult Body(object? body, int status) => body is null ? Results.NoContent() : Results.Json(body, LedgerJson.Options, statusCode: status);
}
