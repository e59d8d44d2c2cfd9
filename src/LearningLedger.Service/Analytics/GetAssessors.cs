using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>How evidence of a cohort's members is judged.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="MinimumCell">Fewest learners a number tells of.</param>
/// <param name="Assessors">By code.</param>
/// <param name="Agreement">Each two assessors who judged the same evidence.</param>
/// <param name="Overall">All assessors together; absent where no evidence was judged twice.</param>
public sealed record Assessment(
    string Cohort, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<AssessorFigures> Assessors, IReadOnlyList<AgreementFigures> Agreement,
    OverallAgreement? Overall);

/// <summary>One assessor; what rests on the evidence of too few learners is left out.</summary>
/// <param name="Assessor">key:id or person:code.</param>
/// <param name="Reviews">Verdicts of theirs that stand: their load.</param>
/// <param name="Learners">On evidence of how many members.</param>
/// <param name="AcceptanceRate">Share of them that accept, 0 to 1.</param>
/// <param name="AcceptanceInterval">95 % interval of it, Wilson.</param>
/// <param name="MedianHours">Turnaround: hours from handing in to the verdict, the middle one.</param>
/// <param name="Flags">
/// Outliers: acceptance where the 95 % interval (Newcombe) of the difference to all others does not cover 0, turnaround where the median is over twice the median of the medians.
/// </param>
public sealed record AssessorFigures(
    string Assessor, long? Reviews, long? Learners, double? AcceptanceRate, Interval? AcceptanceInterval, double? MedianHours, IReadOnlyList<string>? Flags);

/// <summary>Agreement of two.</summary>
/// <param name="Assessor">One of them.</param>
/// <param name="Other">The other.</param>
/// <param name="Items">Pieces of evidence both judged.</param>
/// <param name="Kappa">Cohen's kappa; absent where chance explains all.</param>
/// <param name="StandardError">Of it: Fleiss, Cohen and Everitt (1969).</param>
public sealed record AgreementFigures(string Assessor, string Other, long? Items, double? Kappa, double? StandardError);

/// <summary>Agreement of all.</summary>
/// <param name="Items">Pieces of evidence judged by two or more.</param>
/// <param name="FleissKappa">Fleiss' kappa over them; absent where chance explains all.</param>
public sealed record OverallAgreement(long Items, double? FleissKappa);

/// <summary>Turnaround, acceptance, load and agreement of assessors.</summary>
public static class GetAssessorsEndpoint
{
    /// <summary>
    /// The figures now, or at <c>asOf</c>. 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/assessors"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "assessors", cancellation);

    private sealed record Row(string Assessor, long Reviews, long Learners, long Accepted, double MedianHours);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        var rows = await connection.ReadAsync(
            at, "assessors", r => new Row(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), (double)r.GetDecimal(4)), cancellation);
        var agreement = await connection.ReadAsync(
            at, "agreement", r => Agreed(r.GetString(0), r.GetString(1), r.GetInt64(2) >= at.MinimumCell, r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6)), cancellation);
        var ratings = await connection.ReadAsync(
            at, "ratings", r => (Counts: (int[])[r.GetInt32(0), r.GetInt32(1)], Items: r.GetInt64(2), Learners: r.GetInt64(3)), cancellation);
        var twice = ratings.Where(r => r.Counts.Sum() > 1).ToList();

        // Learners of different rows may be the same; the largest row alone is known to be of so many.
        var overall = twice.Count > 0 && twice.Max(r => r.Learners) >= at.MinimumCell
            ? new OverallAgreement(twice.Sum(r => r.Items), Figures.Of(Kappa.Fleiss(twice.SelectMany(r => Enumerable.Repeat(r.Counts, (int)r.Items)))))
            : null;
        return new Assessment(at.Code, at.Sequence, at.ComputedAt, at.MinimumCell, [.. rows.Select(r => Shown(r, rows, at.MinimumCell))], agreement, overall);
    }

    private static AgreementFigures Agreed(string assessor, string other, bool shows, long both, long first, long second, long none)
    {
        var kappa = Kappa.Cohen(new[,] { { both, first }, { second, none } });
        return shows
            ? new AgreementFigures(assessor, other, both + first + second + none, Figures.Of(kappa?.Value), Figures.Of(kappa?.StandardError))
            : new AgreementFigures(assessor, other, null, null, null);
    }

    private static AssessorFigures Shown(Row row, IReadOnlyList<Row> all, int minimum)
    {
        if (row.Learners < minimum)
        {
            return new AssessorFigures(row.Assessor, null, null, null, null, null, null);
        }

        var others = all.Where(r => r != row).ToList();
        var medians = all.Select(r => r.MedianHours).Order().ToList();
        var difference = Proportion.Difference(row.Accepted, row.Reviews, others.Sum(r => r.Accepted), others.Sum(r => r.Reviews));
        string[] flags =
        [
            .. difference is { } d && !d.Interval.Covers(0) ? ["acceptance"] : Array.Empty<string>(),
            .. others.Count > 0 && row.MedianHours > 2 * medians[(medians.Count - 1) / 2] ? ["turnaround"] : Array.Empty<string>(),
        ];
        return new AssessorFigures(
            row.Assessor, row.Reviews, row.Learners, Figures.Share(row.Accepted, row.Reviews), Figures.Of(Proportion.Wilson(row.Accepted, row.Reviews)), row.MedianHours,
            flags.Length == 0 ? null : flags);
    }
}
