using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>How hard the skills are for a cohort.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Sequence">The point of the ledger the numbers are of; <c>asOf=seq:</c> with it gives the same answer.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="MinimumCell">Fewest people a number tells of.</param>
/// <param name="Skills">Every skill of the cohort's framework, hardest first; those nobody tried come last.</param>
public sealed record SkillDifficulty(string Cohort, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<SkillFigures> Skills);

/// <summary>The members' unvoided attempts at one skill; figures of too few members are left out.</summary>
/// <param name="Skill">Its code.</param>
/// <param name="Attempts">How many.</param>
/// <param name="Learners">Of how many members.</param>
/// <param name="PassRate">Share of attempts that pass by the lowest milestone that has the skill, 0 to 1; absent without attempts.</param>
/// <param name="FirstTryRate">Share of those members whose first attempt passes, 0 to 1; absent without attempts.</param>
/// <param name="MeanScore">0 to 1; absent without attempts.</param>
/// <param name="PassRateInterval">95 % interval of <paramref name="PassRate"/>, Wilson.</param>
/// <param name="FirstTryInterval">95 % interval of <paramref name="FirstTryRate"/>, Wilson.</param>
/// <param name="MedianTriesToPass">
/// Attempts by which half have passed, by a Kaplan-Meier curve over attempts in which those who have not passed are censored; absent where fewer than half come to pass.
/// </param>
/// <param name="Discrimination">
/// Corrected point-biserial correlation of passing this skill at first try with the share of their other skills members passed at first try, -1 to 1.
/// </param>
/// <param name="Flags">What is out of range: too-easy (pass rate above 0.95), too-hard (below 0.2), negative-discrimination, low-discrimination (below 0.2).</param>
public sealed record SkillFigures(
    string Skill, long? Attempts, long? Learners, double? PassRate, double? FirstTryRate, double? MeanScore, Interval? PassRateInterval, Interval? FirstTryInterval,
    double? MedianTriesToPass, double? Discrimination, IReadOnlyList<string>? Flags);

/// <summary>The skills of a cohort's framework by difficulty.</summary>
public static class GetSkillsEndpoint
{
    /// <summary>Fewest members of whom a discrimination is told or a flag set: below, chance alone would set them.</summary>
    private const int EnoughToFlag = 20;

    /// <summary>
    /// The figures now, or at <c>asOf</c> (<c>seq:N</c>, or a time, answered at the newest sequence noted as settled by then).
    /// 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/skills"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "skills", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation) =>
        new SkillDifficulty(
            at.Code, at.Sequence, at.ComputedAt, at.MinimumCell,
            [.. (await connection.ReadAsync(at, "difficulty", SkillRow.Of, cancellation)).Select(s => Shown(s, at.MinimumCell))]);

    private static SkillFigures Shown(SkillRow row, int minimum)
    {
        var table = new Suppression(minimum);
        var learners = table.Count(row.Learners);
        var first = table.Part(learners, row.FirstPasses);
        if (row.Attempts == 0 || !table.Shows(learners))
        {
            return new SkillFigures(row.Skill, row.Attempts == 0 ? 0 : null, table[learners], null, null, null, null, null, null, null, null);
        }

        var passRate = (double)row.Passes / row.Attempts;
        var curve = KaplanMeier.Of(row.Tries.Select(t => new Duration(Math.Abs(t), t > 0)));
        var discrimination = row.Rest.Yes + row.Rest.No >= EnoughToFlag && table.Shows(first) ? Figures.Of(row.Rest.Correlation) : null;
        string[] flags = row.Learners < EnoughToFlag ? [] :
        [
            .. passRate > 0.95 ? ["too-easy"] : Array.Empty<string>(),
            .. passRate < 0.2 ? ["too-hard"] : Array.Empty<string>(),
            .. discrimination switch { < 0 => ["negative-discrimination"], < 0.2 => ["low-discrimination"], _ => Array.Empty<string>() },
        ];
        return new SkillFigures(
            row.Skill, row.Attempts, row.Learners, Figures.Of(passRate), table.Shows(first) ? Figures.Share(row.FirstPasses, row.Learners) : null,
            Figures.Of((double)(row.ScoreSum / row.Attempts)), Figures.Of(Proportion.Wilson(row.Passes, row.Attempts)),
            table.Shows(first) ? Figures.Of(Proportion.Wilson(row.FirstPasses, row.Learners)) : null, curve.Coarse(minimum).Median, discrimination,
            flags.Length == 0 ? null : flags);
    }
}

/// <summary>A row of the function <c>analytics.difficulty</c>.</summary>
internal sealed record SkillRow(
    string Skill, long Attempts, long Learners, long Passes, long FirstPasses, decimal ScoreSum, long[] Tries, PointBiserial Rest)
{
    internal static SkillRow Of(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetDecimal(7),
        row.GetFieldValue<long[]>(8), new PointBiserial(row.GetInt64(12), row.GetDecimal(13), row.GetInt64(14), row.GetDecimal(15), row.GetDecimal(16)));
}
