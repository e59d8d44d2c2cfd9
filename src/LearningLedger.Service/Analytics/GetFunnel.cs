using LearningLedger.Service.Host;
using LearningLedger.Statistics;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>How far a cohort has come.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Framework">The framework it is looked at by.</param>
/// <param name="FrameworkVersion">The version it pins, else the latest at that point.</param>
/// <param name="Sequence">The point of the ledger the numbers are of; <c>asOf=seq:</c> with it gives the same answer.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="MinimumCell">Fewest people a number tells of; smaller ones, and those that would give them away, are left out.</param>
/// <param name="Milestones">By level, then code.</param>
public sealed record Funnel(
    string Cohort, string Framework, int FrameworkVersion, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<FunnelStep> Milestones);

/// <summary>One milestone of a funnel; counts are of people.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Milestone">Its code.</param>
/// <param name="Members">Who belongs to the cohort.</param>
/// <param name="Entered">Members with an unvoided attempt at, or evidence for, one of its skills.</param>
/// <param name="InProgress">Those of them who never had an award of it.</param>
/// <param name="Eligible">Members who meet its rule and never had an award of it: it waits for the policy or for a person.</param>
/// <param name="Awarded">Members whose latest award of it stands.</param>
/// <param name="Suspended">Members whose latest award of it is suspended.</param>
/// <param name="Revoked">Members whose latest award of it was revoked.</param>
/// <param name="Expired">Members whose latest award of it has expired.</param>
public sealed record FunnelStep(
    int Level, string Milestone, long? Members, long? Entered, long? InProgress, long? Eligible, long? Awarded, long? Suspended, long? Revoked, long? Expired);

/// <summary>The funnel of a cohort over its framework's milestones.</summary>
public static class GetFunnelEndpoint
{
    /// <summary>
    /// The funnel now, or at <c>asOf</c> (<c>seq:N</c>, or a time, answered at the newest sequence noted as settled by then).
    /// 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/funnel"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, "funnel", cancellation);

    internal static async Task<object> AskAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        var steps = await connection.ReadAsync(at, "funnel", Step, cancellation);
        return new Funnel(at.Code, at.Framework, at.FrameworkVersion, at.Sequence, at.ComputedAt, at.MinimumCell, [.. steps.Select(s => Shown(s, at.MinimumCell))]);
    }

    /// <summary>A step as it is counted, nothing hidden.</summary>
    internal static FunnelStep Step(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8),
        row.GetInt64(9));

    private static FunnelStep Shown(FunnelStep step, int minimum)
    {
        var table = new Suppression(minimum);
        var (members, entered, inProgress) = (table.Count(step.Members!.Value), table.Count(step.Entered!.Value), table.Count(step.InProgress!.Value));
        long[] had = [step.Awarded!.Value, step.Suspended!.Value, step.Revoked!.Value, step.Expired!.Value];
        int[] awards = [.. had.Select(table.Count)];

        // Never shown, but told by subtraction: who never came near, who has not entered, who entered and had an award.
        table.Sum(members, [inProgress, .. awards, table.Count(step.Members.Value - step.InProgress.Value - had.Sum())]);
        table.Sum(members, entered, table.Count(step.Members.Value - step.Entered.Value));
        table.Sum(entered, inProgress, table.Count(step.Entered.Value - step.InProgress.Value));

        // Who meets the rule has tried its skills; a rule without skills may be met by who never entered.
        var eligible = step.Eligible <= step.InProgress ? table.Part(inProgress, step.Eligible!.Value) : table.Part(members, step.Eligible!.Value);
        return new FunnelStep(
            step.Level, step.Milestone, table[members], table[entered], table[inProgress], table[eligible], table[awards[0]], table[awards[1]], table[awards[2]],
            table[awards[3]]);
    }
}
