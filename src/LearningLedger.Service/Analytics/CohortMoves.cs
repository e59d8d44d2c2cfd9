using LearningLedger.Events;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>When something last happened in cohorts, by the ledger itself and not by what is projected of it.</summary>
/// <param name="Moved">No later event tells of the cohorts: the last of the ledger, or, where that was looked for, of them.</param>
/// <param name="Erased">How many learners of the tenant are erased: that alone changes past answers. Not those of the cohorts, whose memberships are dropped.</param>
/// <param name="Projected">How far the projection has come.</param>
/// <param name="MinimumCell">Fewest people a figure may tell of.</param>
public sealed record CohortMoves(long Moved, long Erased, long Projected, int MinimumCell)
{
    private static readonly string Sql =
        $"""
        select coalesce((select max(e.seq_id) from ledger.mt_events e), 0), (select count(*) from registry.erasure x where x.tenant = $1),
            coalesce((select p.last_seq_id from ledger.mt_event_progression p where p.name = $3), 0), coalesce({MinimumCellEndpoint.Own("$1")}, $2)
        """;

    // The last event of a stream is found by its version, in one step each.
    private const string LastEventSql =
        """
        select coalesce(max(l.seq_id), 0) from (
            select m.learner as stream from analytics.fact_membership m where m.tenant = $1 and m.cohort = any ($2)
            union
            select unnest(array[l.other, o.other]) from analytics.fact_membership m
              join analytics.fact_link l on l.tenant = m.tenant and l.learner = m.learner
              left join analytics.fact_link o on o.tenant = l.tenant and o.learner = l.other
              where m.tenant = $1 and m.cohort = any ($2)
            union
            select unnest($3)) s
          cross join lateral (select e.seq_id from ledger.mt_events e where e.tenant_id = $1 and e.stream_id = s.stream order by e.version desc limit 1) l
        """;

    /// <summary>Whether all of it is projected.</summary>
    public bool AreProjected => Projected >= Moved;

    /// <summary>Looks.</summary>
    /// <param name="connection">Not in an older snapshot.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="minimumCell">Fewest people a figure may tell of, unless the tenant has set its own.</param>
    /// <param name="cancellation">Ends the look.</param>
    public static async Task<CohortMoves> ReadAsync(NpgsqlConnection connection, string tenant, int minimumCell, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = minimumCell });
        command.Parameters.Add(new() { Value = AnalyticsProjection.Progress });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt32(3));
    }

    /// <summary>The newest sequence in the streams of cohorts, of their frameworks, and of everybody who ever belonged or was ever linked to one who did; 0 where there is none.</summary>
    /// <param name="connection">Not in an older snapshot.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cohorts">Codes of the cohorts; those not known count for nothing.</param>
    /// <param name="catalogue">The tenant's frameworks and cohorts.</param>
    /// <param name="cancellation">Ends the look.</param>
    public static async Task<long> LastEventAsync(NpgsqlConnection connection, string tenant, string[] cohorts, TenantCatalogue catalogue, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(LastEventSql, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = cohorts });
        command.Parameters.Add(new()
        {
            Value = cohorts.Select(catalogue.Cohort).OfType<TenantCatalogue.KnownCohort>()
                .SelectMany(c => new[] { LedgerIds.Cohort(tenant, c.Code), LedgerIds.Framework(tenant, c.Framework) }).ToArray(),
        });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
