using System.Data;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Analytics;

/// <summary>Works out what readers of suppressed figures see, every few minutes, for every open cohort in which something has happened.</summary>
/// <remarks>
/// Readers may not see a row of which figures are made, so they cannot make them; what they see is the answer of the API itself, small counts hidden.
/// Several services may do this at once: the newer answer stays.
/// </remarks>
public sealed class Releases(NpgsqlDataSource database, Catalogue catalogue, LedgerSettings settings, TimeProvider time, ILogger<Releases> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(5);

    // Who is stuck and what expires are matters of days, though nothing happens.
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    private static readonly string[] Asked = ["funnel", "skills", "mastery", "assessors", "trends", "stuck", "expiring"];

    /// <summary>A cohort and how far it is released; null: not at all, or in a way that holds no longer, whatever has happened in it.</summary>
    private sealed record Due(string Tenant, string Cohort, long? Released);

    /// <summary>Releases what has moved since the last time; returns how many cohorts that are.</summary>
    public async Task<int> ReleaseAsync(CancellationToken cancellation)
    {
        var released = 0;
        foreach (var due in await DueAsync(cancellation))
        {
            try
            {
                released += await HasMovedAsync(due, cancellation) && await ReleaseAsync(due.Tenant, due.Cohort, cancellation) ? 1 : 0;
            }
            catch (NpgsqlException e)
            {
                log.NotReleased(e, due.Tenant, due.Cohort);
            }
        }

        return released;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pace, time, ReleaseAsync, e => log.NotReleased(e, "any", "any"), stoppingToken, atOnce: false);

    private async Task<bool> HasMovedAsync(Due due, CancellationToken cancellation)
    {
        if (due.Released is not { } released)
        {
            return true;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await CohortMoves.LastEventAsync(connection, due.Tenant, [due.Cohort], await catalogue.CurrentAsync(due.Tenant, cancellation), cancellation) > released;
    }

    private async Task<List<Due>> DueAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select c.tenant, c.cohort, case when p.timestamp < r.computed_at + $2
                  and r.minimum_cell = coalesce({MinimumCellEndpoint.Own("c.tenant")}, $3)
                  and not exists (select from registry.erasure x where x.tenant = c.tenant and x.sequence > r.sequence) then r.sequence end
              from analytics.dim_cohort c
              cross join (
                select e.seq_id, e.timestamp from ledger.mt_events e
                  where e.seq_id <= (select p.last_seq_id from ledger.mt_event_progression p where p.name = $1) order by e.seq_id desc limit 1) p
              left join analytics.released_answer r on r.tenant = c.tenant and r.cohort = c.cohort and r.question = 'funnel'
              where not exists (select from analytics.fact_closing f where f.tenant = c.tenant and f.kind = 'cohort' and f.code = c.cohort)
                and p.seq_id > coalesce(r.sequence, -1)
              order by 1, 2
            """);
        command.Parameters.Add(new() { Value = AnalyticsProjection.Progress });
        command.Parameters.Add(new() { Value = Age });
        command.Parameters.Add(new() { Value = settings.Analytics.MinimumCell });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<Due>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(new(reader.GetString(0), reader.GetString(1), reader.Value<long>(2)));
        }

        return due;
    }

    private async Task<bool> ReleaseAsync(string tenant, string cohort, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var answers = new List<(string Question, string Milestone, byte[] Answer)>();
        CohortAt? at;
        await using (await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation))
        {
            var sequence = await Settled.ProjectedAsync(connection, point: null, quiet: false, cancellation);
            at = await CohortQuestion.FindAsync(connection, tenant, cohort, sequence!.Value, settings.Analytics.MinimumCell, cancellation);
            if (at is null)
            {
                return false;
            }

            foreach (var question in Asked)
            {
                answers.Add((question, "", Questions.Bytes(await Questions.All[question].Ask(connection, at, Parameters.None, cancellation))));
            }

            foreach (var milestone in await connection.ReadAsync(at, "milestones", row => row.GetString(1), cancellation))
            {
                var parameters = new Parameters(new Dictionary<string, string> { ["milestone"] = milestone });
                answers.Add((Questions.TimeToMilestone, milestone, Questions.Bytes(await Questions.All[Questions.TimeToMilestone].Ask(connection, at, parameters, cancellation))));
            }
        }

        await using var put = new NpgsqlBatch(connection);
        foreach (var (question, milestone, answer) in answers)
        {
            var command = new NpgsqlBatchCommand(
                """
                insert into analytics.released_answer as r (tenant, cohort, question, milestone, sequence, computed_at, minimum_cell, answer)
                  values ($1, $2, $3, $4, $5, $6, $7, $8)
                  on conflict (tenant, cohort, question, milestone) do update set sequence = excluded.sequence, computed_at = excluded.computed_at,
                    minimum_cell = excluded.minimum_cell, answer = excluded.answer where r.sequence <= excluded.sequence
                """);
            foreach (var value in (object[])[tenant, cohort, question, milestone, at.Sequence, at.ComputedAt, at.MinimumCell])
            {
                command.Parameters.Add(new() { Value = value });
            }

            command.Parameters.Add(new() { Value = answer, NpgsqlDbType = NpgsqlDbType.Jsonb });
            put.BatchCommands.Add(command);
        }

        await put.ExecuteNonQueryAsync(cancellation);
        return true;
    }
}
