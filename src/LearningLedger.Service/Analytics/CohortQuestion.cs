using System.Data;
using System.Diagnostics;
using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>A cohort at a point of the ledger.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Code">Code of the cohort.</param>
/// <param name="Framework">The framework its members are judged under.</param>
/// <param name="FrameworkVersion">The version it pins, or the latest at that point.</param>
/// <param name="Sequence">The point: every event up to it counts, no other does.</param>
/// <param name="ComputedAt">Recorded time of the last event up to it, UTC: what the numbers tell of, not when they were asked for.</param>
/// <param name="MinimumCell">Fewest people a figure may tell of.</param>
public sealed record CohortAt(string Tenant, string Code, string Framework, int FrameworkVersion, long Sequence, DateTimeOffset ComputedAt, int MinimumCell);

/// <summary>Answers a question about a cohort from one snapshot of the database: the answer, or an <see cref="IResult"/> that says why not.</summary>
/// <param name="connection">In the snapshot.</param>
/// <param name="at">The cohort and the point.</param>
/// <param name="parameters">What else the question says.</param>
/// <param name="cancellation">Ends the read.</param>
public delegate Task<object> Ask(NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation);

/// <summary>The way of every question about a cohort: settle the point of the ledger, wait until it is projected, ask in one snapshot.</summary>
/// <remarks>The same point gives the same bytes for ever; an answer that lacks somebody erased since says so in <c>erasedSince</c>. Without
/// <c>asOf</c> the point is how far the projection has come, which is given a moment to catch up, or an earlier one if nothing has happened in the cohort since.</remarks>
public sealed class CohortQuestion(NpgsqlDataSource database, Catalogue catalogue, KeptAnswers kept, KeptStandings standings, LedgerSettings settings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    // Who has just posted and asks at once should find it counted; the projection is seldom further behind than this.
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(250);

    /// <summary>The member of an answer that says since when it lacks somebody; absent: it lacks nobody.</summary>
    internal const string ErasedSince = "erasedSince";

    /// <summary>Answers, or says why not: 400 malformed or ahead of the ledger, 404 unknown cohort or not open then, 503 not projected in time.</summary>
    /// <param name="context">The request; its query may say <c>asOf</c>.</param>
    /// <param name="code">Code of the cohort.</param>
    /// <param name="question">Name of the question.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IResult> AnswerAsync(HttpContext context, string code, string question, CancellationToken cancellation)
    {
        var (began, found, asked) = (Stopwatch.GetTimestamp(), true, Questions.All[question]);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (settled, problem) = await SettleAsync(connection, context, code, Parameters.Of(context.Request.Query), cancellation);
        if (settled is null)
        {
            return problem!;
        }

        var moves = await CohortMoves.ReadAsync(connection, settled.Tenant, settings.Analytics.MinimumCell, cancellation);
        var answer = kept.Find(settled, question, moves);
        if (answer is null && (!moves.AreProjected || kept.MayFind(settled, question, moves)))
        {
            // Mostly it is others who have moved.
            string[] cohorts = [code, settled.Parameters.Text("with") ?? code];
            var last = await CohortMoves.LastEventAsync(connection, settled.Tenant, cohorts, await catalogue.CurrentAsync(settled.Tenant, cancellation), cancellation);

            // What has come between the two looks is no matter of this question.
            moves = moves with { Moved = Math.Min(moves.Moved, last) };
            answer = kept.Find(settled, question, moves);
        }

        if (answer is null)
        {
            found = false;
            CohortAt? at = null;
            var figures = await ComputeAsync(connection, context, settled, (c, cohort, more, token) => asked.Ask(c, at = cohort, more, token), moves.Moved, cancellation);
            if (figures is IResult refusal)
            {
                return refusal;
            }

            answer = kept.Keep(settled, question, moves, at!, Questions.Bytes(figures));
        }

        Telemetry.Answered(question, found, Stopwatch.GetElapsedTime(began));
        return Results.Bytes(answer.Bytes, "application/json; charset=utf-8");
    }

    /// <summary>As <see cref="AnswerAsync"/>, worked out in any case: the answer itself, or an <see cref="IResult"/> that says why not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="code">Code of the cohort.</param>
    /// <param name="parameters">May say <c>asOf</c>.</param>
    /// <param name="ask">Reads the answer.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<object> AskAsync(HttpContext context, string code, Parameters parameters, Ask ask, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (settled, problem) = await SettleAsync(connection, context, code, parameters, cancellation);
        return settled is null ? problem! : await ComputeAsync(connection, context, settled, ask, await Settled.LastEventAsync(connection, cancellation), cancellation);
    }

    private async Task<(AskedQuestion? Asked, IResult? Problem)> SettleAsync(
        NpgsqlConnection connection, HttpContext context, string code, Parameters parameters, CancellationToken cancellation)
    {
        var text = parameters.Text("asOf");
        var asOf = text is null ? null : AsOf.Parse(text);
        if (text is not null && asOf is null)
        {
            return (null, Problems.BadRequest(AsOf.Rule));
        }

        var tenant = context.Caller().Tenant;
        var head = await LedgerHead.ReadAsync(connection, cancellation);
        if (asOf?.Ahead(head.Sequence, head.Clock) is { } ahead)
        {
            return (null, ahead);
        }

        head.Announce(context.Response);
        var point = asOf?.Time is { } time ? await Settled.NotedByAsync(connection, time, cancellation) : asOf?.Sequence;
        return point is null && !(await catalogue.CurrentAsync(tenant, cancellation)).HasCohort(code)
            ? (null, Problems.NotFound($"Cohort {code}"))
            : (new AskedQuestion(tenant, code, parameters, point, head), null);
    }

    /// <param name="connection">Not in a transaction.</param>
    /// <param name="context">The request.</param>
    /// <param name="asked">What is asked, at which point.</param>
    /// <param name="ask">Reads the answer.</param>
    /// <param name="newest">Sequence that should be counted where no point is named.</param>
    /// <param name="cancellation">Ends the wait.</param>
    private async Task<object> ComputeAsync(NpgsqlConnection connection, HttpContext context, AskedQuestion asked, Ask ask, long newest, CancellationToken cancellation)
    {
        if (asked.Point is null)
        {
            await CatchUpAsync(connection, newest, cancellation);
        }

        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var quiet = asked.Point is null || await Settled.NobodyAppendsAsync(connection, cancellation);
            await using (await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation))
            {
                var projected = await Settled.ProjectedAsync(connection, asked.Point, quiet, cancellation);
                var cohort = projected is { } sequence ? await FindAsync(connection, asked.Tenant, asked.Cohort, sequence, settings.Analytics.MinimumCell, cancellation) : null;
                if (cohort is not null)
                {
                    standings.Asked(asked.Tenant, asked.Cohort, asked.Parameters.Text("with"));
                    return await MarkAsync(connection, cohort, asked.Parameters, await ask(connection, cohort, asked.Parameters, cancellation), cancellation);
                }

                // Without an as-of the cohort is known to the ledger, so its opening is only yet to be projected.
                if (projected is not null && asked.Point is not null)
                {
                    return Problems.Of(404, "not-found", $"Cohort {asked.Cohort} is not known here, or was not open at that point.");
                }
            }

            if (patience.IsCancellationRequested)
            {
                return Problems.Later(context, 503, "The numbers of that point are not there yet.", seconds: 5);
            }

            await Task.Delay(Glance, cancellation);
        }
    }

    /// <summary>Says in the answer when somebody who was counted at that point was erased last, if anybody was: it is not the answer of that time any more.</summary>
    private static async Task<object> MarkAsync(NpgsqlConnection connection, CohortAt at, Parameters parameters, object answer, CancellationToken cancellation)
    {
        if (answer is IResult)
        {
            return answer;
        }

        await using var command = new NpgsqlCommand("select analytics.erased_since($1, $2, $3)", connection);
        command.Parameters.Add(new() { Value = at.Tenant });
        command.Parameters.Add(new() { Value = (string[])[at.Code, parameters.Text("with") ?? at.Code] });
        command.Parameters.Add(new() { Value = at.Sequence });
        if (await command.ExecuteScalarAsync(cancellation) is not DateTime since)
        {
            return answer;
        }

        var marked = JsonSerializer.SerializeToNode(answer, answer.GetType(), LedgerJson.Options)!.AsObject();
        marked[ErasedSince] = LedgerJson.Text(new DateTimeOffset(since));
        return marked;
    }

    /// <summary>Waits for a moment until an event is projected; under a burst that moment passes in vain, and the answer tells how far it goes.</summary>
    private static async Task CatchUpAsync(NpgsqlConnection connection, long newest, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Courtesy);
        while (await Settled.ProjectedAsync(connection, point: null, quiet: false, cancellation) < newest && !limit.IsCancellationRequested)
        {
            await Task.Delay(Courtesy / 10, cancellation);
        }
    }

    /// <summary>The cohort at a point; null when it was not open by then.</summary>
    /// <param name="connection">In the snapshot.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="code">Code of the cohort.</param>
    /// <param name="sequence">The point.</param>
    /// <param name="minimumCell">Fewest people a figure may tell of, unless the tenant has set its own.</param>
    /// <param name="cancellation">Ends the read.</param>
    internal static async Task<CohortAt?> FindAsync(
        NpgsqlConnection connection, string tenant, string code, long sequence, int minimumCell, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select j.framework, j.framework_version, (select e.timestamp from ledger.mt_events e where e.seq_id <= $3 order by e.seq_id desc limit 1),
                coalesce({MinimumCellEndpoint.Own("$1")}, $4)
              from analytics.judged_by($1, $2, $3) j
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = code });
        command.Parameters.Add(new() { Value = sequence });
        command.Parameters.Add(new() { Value = minimumCell });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CohortAt(tenant, code, reader.GetString(0), reader.GetInt32(1), sequence, reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt32(3))
            : null;
    }
}
