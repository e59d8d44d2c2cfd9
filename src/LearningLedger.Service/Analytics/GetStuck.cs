using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>Members without progress, and what blocks them.</summary>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC: "now" for this question.</param>
/// <param name="MinimumCell">Fewest people a number tells of.</param>
/// <param name="Days">How long without progress.</param>
/// <param name="Members">Who belongs to the cohort.</param>
/// <param name="Stuck">How many made none for that long and have milestones ahead.</param>
/// <param name="Blocked">By what blocks them, lowest milestone first.</param>
/// <param name="Learners">Each of them, longest first; only where the minimum cell is 1.</param>
public sealed record StuckMembers(
    string Cohort, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, int Days, long? Members, long? Stuck, IReadOnlyList<Blocked> Blocked,
    IReadOnlyList<StuckLearner>? Learners);

/// <summary>What blocks some.</summary>
/// <param name="Level">Level of the milestone.</param>
/// <param name="Milestone">The lowest milestone they never had an award of.</param>
/// <param name="Skill">The skill of it they have not passed and tried most; absent: all are passed, it waits for evidence or a decision.</param>
/// <param name="Learners">How many.</param>
public sealed record Blocked(int Level, string Milestone, string? Skill, long? Learners);

/// <summary>One of them.</summary>
/// <param name="Learner">The learner.</param>
/// <param name="Milestone">The milestone ahead.</param>
/// <param name="LastProgress">When they last joined, passed a skill for the first time, had evidence accepted or were awarded something.</param>
/// <param name="IdleDays">Days since then.</param>
/// <param name="Skill">The skill that blocks, if any.</param>
/// <param name="Attempts">Their attempts at it.</param>
/// <param name="Best">The best of these, 0 to 1.</param>
public sealed record StuckLearner(Guid Learner, string Milestone, DateTimeOffset LastProgress, decimal IdleDays, string? Skill, long Attempts, decimal? Best);

/// <summary>Who is stuck.</summary>
public static class GetStuckEndpoint
{
    /// <summary>
    /// Members without progress for <c>days</c> (14) before now, or before <c>asOf</c>. 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/stuck"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "stuck", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        if (parameters.Days(14, out var days) is { } problem)
        {
            return problem;
        }

        var members = (await connection.ReadAsync(at, "members", row => row.GetGuid(0), cancellation)).Count;
        var learners = await connection.ReadAsync(
            at, "stuck",
            r => (Level: r.GetInt32(2), Learner: new StuckLearner(
                r.GetGuid(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(3), r.GetDecimal(4), r.Words(5), r.GetInt64(6), r.Value<decimal>(7))), cancellation, at.ComputedAt, days);
        var groups = learners.GroupBy(l => (l.Level, l.Learner.Milestone, l.Learner.Skill))
            .OrderBy(g => g.Key.Level).ThenBy(g => g.Key.Milestone, StringComparer.Ordinal).ThenBy(g => g.Key.Skill, StringComparer.Ordinal).ToList();
        var table = new Suppression(at.MinimumCell);

        // A membership that begins ahead of the clock is counted from then on.
        var all = table.Count(Math.Max(members, learners.Count));
        var stuck = table.Part(all, learners.Count);
        int[] cells = [.. groups.Select(g => table.Count(g.Count()))];
        if (cells.Length > 0)
        {
            table.Sum(stuck, cells);
        }

        return new StuckMembers(
            at.Code, at.Sequence, at.ComputedAt, at.MinimumCell, days, table[all], table[stuck],
            [.. groups.Select((g, i) => new Blocked(g.Key.Level, g.Key.Milestone, g.Key.Skill, table[cells[i]]))],
            at.MinimumCell > 1 ? null : [.. learners.Select(l => l.Learner)]);
    }
}
