using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>A cohort against another.</summary>
/// <param name="Cohort">Code of the first.</param>
/// <param name="With">Code of the second.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="MinimumCell">Fewest people a number tells of.</param>
/// <param name="Milestones">
/// Shares of members whose award stands. Effect: difference of proportions, first less second, with the 95 % interval of Newcombe (1998, method 10).
/// </param>
/// <param name="Skills">
/// Scores of members' first attempts. Effect: Hedges' g, positive where the first cohort scores higher, with its large-sample 95 % interval.
/// </param>
public sealed record CohortComparison(
    string Cohort, string With, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<MilestoneComparison> Milestones,
    IReadOnlyList<SkillComparison> Skills);

/// <summary>One milestone both frameworks have.</summary>
public sealed record MilestoneComparison(int Level, string Milestone, AwardedShare First, AwardedShare Second, double? Difference, Interval? Interval);

/// <summary>How many of how many; left out where that tells of too few.</summary>
public sealed record AwardedShare(long? Members, long? Awarded, double? Share);

/// <summary>One skill both cohorts tried.</summary>
public sealed record SkillComparison(string Skill, FirstScores First, FirstScores Second, double? HedgesG, Interval? Interval);

/// <summary>First attempts of one cohort at one skill; left out where it is of too few.</summary>
public sealed record FirstScores(long? Learners, double? Mean);

/// <summary>Cohort against cohort.</summary>
public static class GetCompareEndpoint
{
    /// <summary>
    /// This cohort and the one <c>with</c> names, now, or at <c>asOf</c>. 400: malformed, no other cohort; 404: one of them was not open then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/compare"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "compare", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        var (other, problem) = await OtherCohort.FindAsync(connection, at, parameters, cancellation);
        if (other is null)
        {
            return problem ?? Problems.BadRequest("with is required: the code of the cohort to compare with.");
        }

        var (ours, theirs) = await SameSnapshot.BothAsync(connection, c => RowsAsync(c, at, cancellation), c => RowsAsync(c, other, cancellation), cancellation);
        var milestones = ours.Awards.Join(theirs.Awards, f => f.Milestone, f => f.Milestone, (first, second) => Compared(first, second, at.MinimumCell));
        var skills = ours.Firsts.Join(theirs.Firsts, s => s.Skill, s => s.Skill, (first, second) => Compared(first, second, at.MinimumCell)).OrderBy(s => s.Skill, StringComparer.Ordinal);
        return new CohortComparison(at.Code, other.Code, at.Sequence, at.ComputedAt, at.MinimumCell, [.. milestones], [.. skills]);
    }

    private static async Task<(List<AwardRow> Awards, List<FirstRow> Firsts)> RowsAsync(NpgsqlConnection connection, CohortAt at, CancellationToken cancellation) =>
        (await connection.ReadAsync(at, "award_shares", AwardRow.Of, cancellation), await connection.ReadAsync(at, "first_scores", FirstRow.Of, cancellation));

    private static MilestoneComparison Compared(AwardRow first, AwardRow second, int minimum)
    {
        var (one, two) = (Shown(first, minimum), Shown(second, minimum));
        var difference = one.Share is null || two.Share is null
            ? null
            : Proportion.Difference(first.Awarded, first.Members, second.Awarded, second.Members);
        return new MilestoneComparison(first.Level, first.Milestone, one, two, Figures.Of(difference?.Value), Figures.Of(difference?.Interval));
    }

    private static AwardedShare Shown(AwardRow row, int minimum)
    {
        var table = new Suppression(minimum);
        var members = table.Count(row.Members);
        var awarded = table.Part(members, row.Awarded);
        return new AwardedShare(table[members], table[awarded], table.Shows(members) && table.Shows(awarded) ? Figures.Share(row.Awarded, row.Members) : null);
    }

    private static SkillComparison Compared(FirstRow first, FirstRow second, int minimum)
    {
        var (one, two) = (Shown(first, minimum), Shown(second, minimum));
        var effect = one.Mean is null || two.Mean is null ? null : HedgesG.Of(first.Scores, second.Scores);
        return new SkillComparison(first.Skill, one, two, Figures.Of(effect?.Value), Figures.Of(effect?.Interval));
    }

    private static FirstScores Shown(FirstRow row, int minimum) =>
        row.Scores.Count == 0 || row.Scores.Count >= minimum
            ? new FirstScores(row.Scores.Count, row.Scores.Count == 0 ? null : Figures.Of(row.Scores.Mean))
            : new FirstScores(null, null);

    /// <summary>A row of the function <c>analytics.award_shares</c>.</summary>
    private sealed record AwardRow(int Level, string Milestone, long Members, long Awarded)
    {
        internal static AwardRow Of(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3));
    }

    /// <summary>A row of the function <c>analytics.first_scores</c>.</summary>
    private sealed record FirstRow(string Skill, Sums Scores)
    {
        internal static FirstRow Of(NpgsqlDataReader row) => new(row.GetString(0), new Sums(row.GetInt64(1), row.GetDecimal(2), row.GetDecimal(3)));
    }
}
