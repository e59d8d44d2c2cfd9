using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>A figure to publish.</summary>
/// <param name="Question">Name of the question, such as <c>funnel</c>.</param>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Parameters">What else its route's query may say, each as text; codes and numbers.</param>
/// <param name="AsOf">The point of the ledger, <c>seq:N</c> or a time; absent: now.</param>
public sealed record SaveReport(string? Question, string? Cohort, IReadOnlyDictionary<string, string>? Parameters = null, string? AsOf = null);

/// <summary>A published figure.</summary>
/// <param name="Id">Its id: that of the event that says so.</param>
/// <param name="Question">Name of the question.</param>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Parameters">What else was asked.</param>
/// <param name="Sequence">The point of the ledger.</param>
/// <param name="MinimumCell">Fewest people a figure of it told of.</param>
/// <param name="Digest">SHA-256 of the answer's bytes, 64 hex digits.</param>
public sealed record SavedReport(Guid Id, string Question, string Cohort, IReadOnlyDictionary<string, string> Parameters, long Sequence, int MinimumCell, string Digest);

/// <summary>Analysts save what they publish, so that it can be derived again.</summary>
public static class SaveReportEndpoint
{
    /// <summary>
    /// Asks the question and keeps it with the digest of its answer: 201; 404 unknown cohort; 422 unknown question or parameter; 400 and 503 as the question's own route.
    /// </summary>
    [WolverinePost("/v1/reports"), RequiresScope(Scopes.AnalyticsRead)]
    public static async Task<IResult> Post(
        HttpContext context, CohortQuestion questions, CatalogueDecisions decisions, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<SaveReport>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (Faults(command!) is { Count: > 0 } faults)
        {
            return Problems.Unprocessable(faults);
        }

        var said = new SortedDictionary<string, string>((command!.Parameters ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal);
        var parameters = new Parameters(new Dictionary<string, string>(said) { ["asOf"] = command.AsOf ?? "" });
        CohortAt? at = null;
        var answer = await questions.AskAsync(
            context, command.Cohort!, parameters,
            (connection, cohort, more, token) => Questions.All[command.Question!].Ask(connection, at = cohort, more, token), cancellation);
        if (answer is IResult refusal)
        {
            return refusal;
        }

        var saved = new ReportSaved(command.Question!, at!.Code, said, at.Sequence, at.MinimumCell, Questions.Digest(Questions.Bytes(answer)));
        var by = DecidedBy.Of(context);
        var stream = LedgerIds.Reports(by.Tenant);
        var report = await decisions.DecideAsync<Report, SavedReport>(
            by, stream, "reports",
            reports => (Of(LedgerIds.Decision(by.Tenant, stream, (reports?.Saved ?? 0) + 1), saved), saved, null), cancellation);
        if (report is null)
        {
            return Problems.Later(context, 503, "Others save reports at the moment.", seconds: 1);
        }

        context.Response.Headers.Location = $"/v1/reports/{report.Id:D}";
        return Results.Json(report, LedgerJson.Options, statusCode: 201);
    }

    /// <summary>A stored report as it is shown.</summary>
    internal static SavedReport Of(Guid id, ReportSaved saved) =>
        new(id, saved.Question, saved.Cohort, saved.Parameters, saved.Sequence, saved.MinimumCell, saved.Digest);

    private static List<Problems.Fault> Faults(SaveReport command)
    {
        var faults = new List<Problems.Fault>();
        var question = Questions.All.GetValueOrDefault(command.Question ?? "");
        if (question is null)
        {
            faults.Add(new(null, "question", $"is required: one of {string.Join(", ", Questions.All.Keys.Order(StringComparer.Ordinal))}."));
        }

        if (!Slug.IsValid(command.Cohort))
        {
            faults.Add(new(null, "cohort", "is required, the code of a cohort."));
        }

        foreach (var (name, value) in command.Parameters ?? new Dictionary<string, string>())
        {
            if (question?.Parameters.Contains(name) == false)
            {
                faults.Add(new(null, $"parameters.{name}", $"is not a parameter of {command.Question}; it knows {(question.Parameters.Length == 0 ? "none" : string.Join(", ", question.Parameters))}."));
            }
            else if (!Slug.IsValid(value))
            {
                faults.Add(new(null, $"parameters.{name}", "must be a code or a whole number, as text."));
            }
        }

        return faults;
    }
}
