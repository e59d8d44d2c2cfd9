using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Who is in which cohort now, straight from the events: decisions must not rest on a projection that may lag.</summary>
public static class CohortMembers
{
    /// <summary>Codes of the cohorts a learner is a member of: the last of joined and left, by occurred, then sequence, is joined.</summary>
    public static async Task<IReadOnlyList<string>> CohortsOfAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select cohort from (
              select distinct on (data ->> 'cohort') data ->> 'cohort' as cohort, type
                from ledger.mt_events
                where tenant_id = $1 and data ->> 'learner' = $2 and type in ('cohort.joined', 'cohort.left')
                order by data ->> 'cohort', headers ->> 'occurred' desc, seq_id desc) as last
              where type = 'cohort.joined' order by cohort
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner.ToString("D") });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var cohorts = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            cohorts.Add(reader.GetString(0));
        }

        return cohorts;
    }
}
