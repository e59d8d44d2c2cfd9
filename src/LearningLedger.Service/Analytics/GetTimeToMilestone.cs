using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>How long members take to a milestone.</summary>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Milestone">Code of the milestone.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC: until then who has no award is watched.</param>
/// <param name="MinimumCell">Fewest people a number tells of; points of the curve are drawn together until each does.</param>
/// <param name="Learners">Everybody who ever belonged to the cohort, but those who had the award before they joined.</param>
/// <param name="Awarded">To how many it was awarded while they belonged.</param>
/// <param name="Censored">How many were without it when last watched: now, or when they left for good.</param>
/// <param name="AwardedBefore">Who had it before joining; they never waited and are not in the curve.</param>
/// <param name="MedianDays">Days until half have it; absent where fewer than half come to have it.</param>
/// <param name="MedianInterval">95 % interval of it, Brookmeyer and Crowley; an end is absent where the band does not come down to one half.</param>
/// <param name="Curve">Probability of still waiting: Kaplan-Meier, with a pointwise 95 % log-log band.</param>
/// <param name="Comparison">The same cohort against another, where one was named.</param>
public sealed record TimeToMilestone(
    string Cohort, string Milestone, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, long? Learners, long? Awarded, long? Censored, long? AwardedBefore,
    double? MedianDays, OpenInterval? MedianInterval, IReadOnlyList<CurvePoint> Curve, CurveComparison? Comparison);

/// <summary>An interval that may have no upper or lower end.</summary>
public sealed record OpenInterval(double? Lower, double? Upper);

/// <summary>A point of the curve.</summary>
/// <param name="Days">Days since joining.</param>
/// <param name="AtRisk">Still waiting just before.</param>
/// <param name="Awarded">To how many it was awarded since the point before.</param>
/// <param name="Censored">How many were last watched since then.</param>
/// <param name="Survival">Probability of still waiting after it.</param>
/// <param name="Lower">Lower end of the band; absent while the curve is at 1 or 0.</param>
/// <param name="Upper">Upper end of the band.</param>
public sealed record CurvePoint(double Days, int AtRisk, int Awarded, int Censored, double Survival, double? Lower, double? Upper);

/// <summary>Log-rank test of two cohorts.</summary>
/// <param name="With">Code of the other cohort.</param>
/// <param name="Observed">Awards in the first.</param>
/// <param name="Expected">Awards there would have been if both were alike.</param>
/// <param name="ChiSquared">On one degree of freedom.</param>
/// <param name="P">Probability of at least such a difference if both are alike.</param>
public sealed record CurveComparison(string With, long Observed, double? Expected, double? ChiSquared, double? P);

/// <summary>Time from joining to an award, learners who wait still included.</summary>
public static class GetTimeToMilestoneEndpoint
{
    /// <summary>
    /// The curve for <c>milestone</c>, with a log-rank test against the cohort <c>with</c> if it is named; now, or at <c>asOf</c>.
    /// 400: malformed, no milestone; 404: no such cohort or milestone then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/time-to-milestone"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, Questions.TimeToMilestone, cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        if (parameters.Text("milestone") is not { } milestone)
        {
            return Problems.BadRequest("milestone is required: the code of a milestone of the cohort's framework.");
        }

        if (!(await connection.ReadAsync(at, "milestones", row => row.GetString(1), cancellation)).Contains(milestone))
        {
            return Problems.NotFound($"Milestone {milestone} of framework {at.Framework}");
        }

        var (other, problem) = await OtherCohort.FindAsync(connection, at, parameters, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        var (waited, before) = await DurationsAsync(connection, at, milestone, cancellation);
        var comparison = other is null ? null : Compared(waited, (await DurationsAsync(connection, other, milestone, cancellation)).Waited, other);
        return Shown(at, milestone, waited, before, comparison);
    }

    private static async Task<(List<Duration> Waited, int Before)> DurationsAsync(NpgsqlConnection connection, CohortAt at, string milestone, CancellationToken cancellation)
    {
        var all = await connection.ReadAsync(
            at, "durations", row => new Duration((double)row.GetDecimal(2), row.GetBoolean(3)), cancellation, at.ComputedAt, milestone);
        var waited = all.Where(d => d.Time >= 0).ToList();
        return (waited, all.Count - waited.Count);
    }

    private static TimeToMilestone Shown(CohortAt at, string milestone, List<Duration> waited, int before, CurveComparison? comparison)
    {
        var table = new Suppression(at.MinimumCell);
        var (all, earlier) = (table.Count(waited.Count), table.Count(before));
        var (awarded, censored) = (table.Count(waited.Count(d => d.Happened)), table.Count(waited.Count(d => !d.Happened)));
        table.Sum(all, awarded, censored);
        table.Sum(table.Count(waited.Count + before), all, earlier);
        var curve = KaplanMeier.Of(waited).Coarse(table.Shows(awarded) && table.Shows(all) ? at.MinimumCell : int.MaxValue);
        return new TimeToMilestone(
            at.Code, milestone, at.Sequence, at.ComputedAt, at.MinimumCell, table[all], table[awarded], table[censored], table[earlier],
            Figures.Of(curve.Median), curve.Median is null ? null : new OpenInterval(Figures.Of(curve.MedianLower), Figures.Of(curve.MedianUpper)),
            [.. curve.Points.Select(p => new CurvePoint(
                p.Time, p.AtRisk, p.Happened, p.Censored, Math.Round(p.Survival, 12), Figures.Of(p.Band?.Lower), Figures.Of(p.Band?.Upper)))],
            comparison);
    }

    private static CurveComparison? Compared(List<Duration> first, List<Duration> second, CohortAt other)
    {
        var table = new Suppression(other.MinimumCell);
        int[] counts = [.. new[] { first, second }.SelectMany(group => new[] { group.Count(d => d.Happened), group.Count(d => !d.Happened) }).Select(n => table.Count(n))];
        return counts.All(table.Shows) && LogRank.Of(first, second) is { } test
            ? new CurveComparison(other.Code, test.Observed, Figures.Of(test.Expected), Figures.Of(test.ChiSquared), Figures.Of(test.P))
            : null;
    }
}
