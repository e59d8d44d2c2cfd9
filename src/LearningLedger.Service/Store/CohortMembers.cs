using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Who is in which cohort now, straight from the events: decisions must not rest on a projection that may lag.</summary>
public static class CohortMembers
{
    /// <summary>Codes of the cohorts a learner is a member of: the last of joined and left, by occurred, then sequence, is joined.</summary>
    public static async Task<IReadOnlyList<string>> CohortsOfAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation) =>
        [.. (await CohortsOfAllAsync(connection, tenant, [learner], cancellation))[learner]];

    /// <summary>The same for many learners in one round trip.</summary>
    public static async Task<ILookup<Guid, string>> CohortsOfAllAsync(
        NpgsqlConnection connection, string tenant, IReadOnlyCollection<Guid> learners, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select learner::uuid, cohort from (
              select distinct on (data ->> 'learner', data ->> 'cohort') data ->> 'learner' as learner, data ->> 'cohort' as cohort, type
                from ledger.mt_events
                where tenant_id = $1 and data ->> 'learner' = any ($2) and type in ('cohort.joined', 'cohort.left')
                order by data ->> 'learner', data ->> 'cohort', headers ->> 'occurred' desc, seq_id desc) as last
              where type = 'cohort.joined' order by cohort
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learners.Select(l => l.ToString("D")).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var memberships = new List<(Guid Learner, string Cohort)>();
        while (await reader.ReadAsync(cancellation))
        {
            memberships.Add((reader.GetGuid(0), reader.GetString(1)));
        }

        return memberships.ToLookup(m => m.Learner, m => m.Cohort);
    }
}
