using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>How far a cohort has come.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Framework">The framework it is looked at by.</param>
/// <param name="FrameworkVersion">The version it pins, else the latest at that point.</param>
/// <param name="Sequence">The point of the ledger the numbers are of; <c>asOf=seq:</c> with it gives the same answer.</param>
/// <param name="ComputedAt">Recorded time of the last event up to that point, UTC.</param>
/// <param name="Milestones">By level, then code.</param>
public sealed record Funnel(
    string Cohort, string Framework, int FrameworkVersion, long Sequence, DateTimeOffset ComputedAt, IReadOnlyList<FunnelStep> Milestones);

/// <summary>One milestone of a funnel; counts are of people.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Milestone">Its code.</param>
/// <param name="Members">Who belongs to the cohort.</param>
/// <param name="Entered">Members with an unvoided attempt at, or evidence for, one of its skills.</param>
/// <param name="InProgress">Those of them who never had an award of it.</param>
/// <param name="Awarded">Members whose latest award of it stands.</param>
/// <param name="Suspended">Members whose latest award of it is suspended.</param>
/// <param name="Revoked">Members whose latest award of it was revoked.</param>
/// <param name="Expired">Members whose latest award of it has expired.</param>
public sealed record FunnelStep(
    int Level, string Milestone, long Members, long Entered, long InProgress, long Awarded, long Suspended, long Revoked, long Expired);

/// <summary>The funnel of a cohort over its framework's milestones.</summary>
public static class GetFunnelEndpoint
{
    /// <summary>
    /// The funnel now, or at <c>asOf</c> (<c>seq:N</c>, or a time, answered at the newest sequence noted as settled by then).
    /// 400: malformed or ahead of the ledger; 404: no such cohort then; 503: not projected yet.
    /// </summary>
    [WolverineGet("/v1/cohorts/{code}/analytics/funnel"), RequiresScope(Scopes.AnalyticsRead)]
    public static Task<IResult> Get(string code, HttpContext context, CohortQuestion question, CancellationToken cancellation) =>
        question.AnswerAsync(context, code, AskAsync, cancellation);

    private static async Task<Funnel> AskAsync(NpgsqlConnection connection, CohortAt at, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select * from analytics.funnel($1, $2, $3)", connection);
        command.Parameters.Add(new() { Value = at.Tenant });
        command.Parameters.Add(new() { Value = at.Code });
        command.Parameters.Add(new() { Value = at.Sequence });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var steps = new List<FunnelStep>();
        while (await reader.ReadAsync(cancellation))
        {
            steps.Add(new FunnelStep(
                reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5),
                reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8)));
        }

        return new Funnel(at.Code, at.Framework, at.FrameworkVersion, at.Sequence, at.ComputedAt, steps);
    }
}
