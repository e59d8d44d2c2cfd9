using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>What happened in a cohort, week by week.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Sequence">The point of the ledger the numbers are of.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="MinimumCell">Fewest people a number tells of.</param>
/// <param name="Weeks">Oldest first; weeks in which nothing happened are left out.</param>
public sealed record Trends(string Cohort, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<Week> Weeks);

/// <summary>One week, of those who belonged to the cohort when it happened to them; times are those of the source.</summary>
/// <param name="Monday">Its Monday, UTC.</param>
/// <param name="Attempts">Unvoided attempts.</param>
/// <param name="Learners">Who tried or handed in something.</param>
/// <param name="Evidence">Pieces of evidence handed in.</param>
/// <param name="Awarded">Awards that took effect.</param>
/// <param name="Joined">Memberships that began.</param>
/// <param name="Ended">Memberships that ended.</param>
public sealed record Week(
    [property: System.Text.Json.Serialization.JsonPropertyName("week")] DateOnly Monday, long? Attempts, long? Learners, long? Evidence, long? Awarded, long? Joined, long? Ended);

/// <summary>Trends by week.</summary>
public static class GetTrendsEndpoint
{
    /// <summary>
    /// The weeks up to now, or to <c>asOf</c>. 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/trends"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "trends", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        var weeks = await connection.ReadAsync(
            at, "trends",
            r => new Week(r.GetFieldValue<DateOnly>(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6)), cancellation);

        // Sums over all weeks are known from other answers.
        var table = new Suppression(at.MinimumCell);
        var (awarded, joined, ended) = (Column(w => w.Awarded), Column(w => w.Joined), Column(w => w.Ended));
        return new Trends(
            at.Code, at.Sequence, at.ComputedAt, at.MinimumCell,
            [.. weeks.Select((w, i) => w with
            {
                Attempts = w.Learners == 0 || w.Learners >= at.MinimumCell ? w.Attempts : null,
                Learners = w.Learners == 0 || w.Learners >= at.MinimumCell ? w.Learners : null,
                Evidence = w.Learners == 0 || w.Learners >= at.MinimumCell ? w.Evidence : null,
                Awarded = table[awarded[i]],
                Joined = table[joined[i]],
                Ended = table[ended[i]],
            })]);

        int[] Column(Func<Week, long?> of)
        {
            int[] cells = [.. weeks.Select(w => table.Count(of(w)!.Value))];
            if (cells.Length > 0)
            {
                table.Sum(table.Count(weeks.Sum(w => of(w)!.Value)), cells);
            }

            return cells;
        }
    }
}
