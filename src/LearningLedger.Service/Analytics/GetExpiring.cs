using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>Awards of members that end soon.</summary>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC: "now" for this question.</param>
/// <param name="MinimumCell">Fewest people a number tells of.</param>
/// <param name="Days">How far ahead.</param>
/// <param name="Milestones">By level, then code; those without any are left out.</param>
/// <param name="Awards">Each of them, soonest first; only where the minimum cell is 1.</param>
public sealed record ExpiringAwards(
    string Cohort, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, int Days, IReadOnlyList<ExpiringMilestone> Milestones, IReadOnlyList<ExpiringAward>? Awards);

/// <summary>How many of one milestone.</summary>
/// <param name="Level">Its level; absent where the cohort's framework version has no such milestone any more.</param>
/// <param name="Milestone">Its code.</param>
/// <param name="Awards">How many end; a member has at most one.</param>
public sealed record ExpiringMilestone(int? Level, string Milestone, long? Awards);

/// <summary>One of them.</summary>
/// <param name="Learner">Whose.</param>
/// <param name="Award">The award.</param>
/// <param name="Milestone">Of which milestone.</param>
/// <param name="ExpiresAt">When it ends unless it is renewed, UTC.</param>
public sealed record ExpiringAward(Guid Learner, Guid Award, string Milestone, DateTimeOffset ExpiresAt);

/// <summary>What expires.</summary>
public static class GetExpiringEndpoint
{
    /// <summary>
    /// Standing awards that end within <c>days</c> (90) after now, or after <c>asOf</c>. 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/expiring"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "expiring", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        if (parameters.Days(90, out var days) is { } problem)
        {
            return problem;
        }

        var awards = await connection.ReadAsync(
            at, "expiring",
            r => (Level: r.Value<int>(3), Award: new ExpiringAward(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetFieldValue<DateTimeOffset>(4))), cancellation, at.ComputedAt, days);
        var table = new Suppression(at.MinimumCell);
        return new ExpiringAwards(
            at.Code, at.Sequence, at.ComputedAt, at.MinimumCell, days,
            [.. awards.GroupBy(a => (a.Level, a.Award.Milestone)).OrderBy(g => g.Key.Level ?? int.MaxValue).ThenBy(g => g.Key.Milestone, StringComparer.Ordinal)
                .Select(g => new ExpiringMilestone(g.Key.Level, g.Key.Milestone, table[table.Count(g.Count())]))],
            at.MinimumCell > 1 ? null : [.. awards.Select(a => a.Award)]);
    }
}
