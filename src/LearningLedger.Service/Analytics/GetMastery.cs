using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>Who of a cohort has mastered what.</summary>
/// <param name="Cohort">Code of the cohort asked for.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="MinimumCell">Fewest people a number tells of.</param>
/// <param name="Cohorts">Cohorts by skills; absent when asked by learners.</param>
/// <param name="Learners">Members by skills; absent when asked by cohorts.</param>
public sealed record Mastery(
    string Cohort, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<CohortMastery>? Cohorts, IReadOnlyList<LearnerMastery>? Learners);

/// <summary>A row of the heat map: a cohort.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Members">Who belongs to it.</param>
/// <param name="Skills">Every skill of its framework, by code.</param>
public sealed record CohortMastery(string Cohort, long? Members, IReadOnlyList<SkillMastery> Skills);

/// <summary>A cell of it.</summary>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Tried">Members with an unvoided attempt.</param>
/// <param name="Passed">Members with one that passes by the lowest milestone that has the skill.</param>
public sealed record SkillMastery(string Skill, long? Tried, long? Passed);

/// <summary>A row of the heat map: a member.</summary>
/// <param name="Learner">The learner.</param>
/// <param name="Skills">The skills they tried, by code.</param>
public sealed record LearnerMastery(Guid Learner, IReadOnlyList<LearnerSkill> Skills);

/// <summary>A cell of it.</summary>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Attempts">Unvoided attempts.</param>
/// <param name="Best">The highest score, 0 to 1.</param>
/// <param name="Passed">Whether one passes.</param>
public sealed record LearnerSkill(string Skill, long Attempts, decimal Best, bool Passed);

/// <summary>A heat map of learners or cohorts by skills.</summary>
public static class GetMasteryEndpoint
{
    /// <summary>
    /// By cohorts: this one and the one <c>with</c> names; <c>by=learners</c>: its members, where the tenant's minimum cell is 1. Now, or at <c>asOf</c>.
    /// 400: malformed; 403: learners, and the minimum is larger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/mastery"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "mastery", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        switch (parameters.Text("by") ?? "cohorts")
        {
            case "learners" when at.MinimumCell > 1:
                return Problems.Forbidden("suppressed", $"A row about one learner is a figure of one; the least here is {at.MinimumCell}.");
            case "learners":
                return new Mastery(at.Code, at.Sequence, at.ComputedAt, at.MinimumCell, null, await LearnersAsync(connection, at, cancellation));
            case "cohorts":
                var (other, problem) = await OtherCohort.FindAsync(connection, at, parameters, cancellation);
                return problem as object ?? new Mastery(
                    at.Code, at.Sequence, at.ComputedAt, at.MinimumCell,
                    other is null ? [await CohortAsync(connection, at, cancellation)] : [await CohortAsync(connection, at, cancellation), await CohortAsync(connection, other, cancellation)],
                    null);
            default:
                return Problems.BadRequest("by must be cohorts or learners.");
        }
    }

    private static async Task<List<LearnerMastery>> LearnersAsync(NpgsqlConnection connection, CohortAt at, CancellationToken cancellation)
    {
        var cells = await connection.ReadAsync(
            at, "mastery", row => (Learner: row.GetGuid(0), Skill: new LearnerSkill(row.GetString(1), row.GetInt64(2), row.GetDecimal(3), row.GetBoolean(4))), cancellation);
        var tried = cells.ToLookup(c => c.Learner, c => c.Skill);
        return [.. (await connection.ReadAsync(at, "members", row => row.GetGuid(0), cancellation)).Order().Select(l => new LearnerMastery(l, [.. tried[l]]))];
    }

    private static async Task<CohortMastery> CohortAsync(NpgsqlConnection connection, CohortAt at, CancellationToken cancellation)
    {
        var members = (await connection.ReadAsync(at, "members", row => row.GetGuid(0), cancellation)).Count;
        var skills = await connection.ReadAsync(at, "mastery_by_skill", row => (Skill: row.GetString(0), Tried: row.GetInt64(1), Passed: row.GetInt64(2)), cancellation);
        var cells = new List<SkillMastery>();
        foreach (var (skill, tried, passed) in skills)
        {
            var table = new Suppression(at.MinimumCell);
            var part = table.Part(table.Count(members), tried);
            var whole = table.Part(part, passed);
            cells.Add(new SkillMastery(skill, table[part], table[whole]));
        }

        var all = new Suppression(at.MinimumCell);
        return new CohortMastery(at.Code, all[all.Count(members)], cells);
    }
}
