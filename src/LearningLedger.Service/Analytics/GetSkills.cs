using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>How hard the skills are for a cohort.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Sequence">The point of the ledger the numbers are of; <c>asOf=seq:</c> with it gives the same answer.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="Skills">Every skill of the cohort's framework, hardest first; those nobody tried come last.</param>
public sealed record SkillDifficulty(string Cohort, long Sequence, DateTimeOffset ComputedAt, IReadOnlyList<SkillFigures> Skills);

/// <summary>The members' unvoided attempts at one skill.</summary>
/// <param name="Skill">Its code.</param>
/// <param name="Attempts">How many.</param>
/// <param name="Learners">Of how many members.</param>
/// <param name="PassRate">Share of attempts that pass by the lowest milestone that has the skill, 0 to 1; absent without attempts.</param>
/// <param name="FirstTryRate">Share of those members whose first attempt passes, 0 to 1; absent without attempts.</param>
/// <param name="MeanScore">0 to 1; absent without attempts.</param>
public sealed record SkillFigures(string Skill, long Attempts, long Learners, decimal? PassRate, decimal? FirstTryRate, decimal? MeanScore);

/// <summary>The skills of a cohort's framework by difficulty.</summary>
public static class GetSkillsEndpoint
{
    /// <summary>
    /// The figures now, or at <c>asOf</c> (<c>seq:N</c>, or a time, answered at the newest sequence noted as settled by then).
    /// 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/skills"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, AskAsync, cancellation);

    private static async Task<SkillDifficulty> AskAsync(NpgsqlConnection connection, CohortAt at, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select * from analytics.skills($1, $2, $3)", connection);
        command.Parameters.Add(new() { Value = at.Tenant });
        command.Parameters.Add(new() { Value = at.Code });
        command.Parameters.Add(new() { Value = at.Sequence });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var skills = new List<SkillFigures>();
        while (await reader.ReadAsync(cancellation))
        {
            skills.Add(new SkillFigures(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), Rate(reader, 3), Rate(reader, 4), Rate(reader, 5)));
        }

        return new SkillDifficulty(at.Code, at.Sequence, at.ComputedAt, skills);
    }

    private static decimal? Rate(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDecimal(column);
}
