using LearningLedger.Awards;
using LearningLedger.Frameworks;
using LearningLedger.Service.Store;
using LearningLedger.Transcripts;
using Npgsql;

namespace LearningLedger.Service.Awards;

/// <summary>Finds, among many learners, those to whom the policy would award something now.</summary>
public sealed class AwardSearch(NpgsqlDataSource database, Catalogue catalogue)
{
    /// <summary>Learners whose streams are read in one round trip.</summary>
    public const int Chunk = 250;

    /// <summary>Folds the current stream of each learner, one at a time in memory, and asks the policy.</summary>
    /// <param name="tenant">Their tenant.</param>
    /// <param name="learners">
    /// Each with the version up to which the caller has seen the stream. A stream that has moved beyond is passed over: the caller comes back to it.
    /// </param>
    /// <param name="framework">Code of the only framework to look at; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<Guid>> AmongAsync(
        string tenant, IEnumerable<KeyValuePair<Guid, long>> learners, string? framework, CancellationToken cancellation)
    {
        var known = await catalogue.CurrentAsync(tenant, cancellation);
        var pinning = known.Cohorts.Where(c => c is { Closed: false, FrameworkVersion: not null }).ToList();
        var judged = known.Current.Concat(pinning.Select(c => known.Version(c.Framework, c.FrameworkVersion!.Value)).OfType<FrameworkDefinition>());
        if (!judged.Any(f => IsWanted(f) && f.Milestones.Any(m => m.Rule.Decision == AwardDecision.Automatic)))
        {
            return [];
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var found = new List<Guid>();
        foreach (var chunk in (await NotMovedAsync(connection, tenant, [.. learners], cancellation)).Chunk(Chunk))
        {
            var cohorts = pinning.Count == 0 ? null : await CohortMembers.CohortsOfAllAsync(connection, tenant, chunk, cancellation);
            await foreach (var transcript in CurrentAsync(connection, tenant, chunk, cancellation))
            {
                var inForce = cohorts is null ? known.Current : known.InForce(cohorts[transcript.Learner]);
                if (AutomaticAwards.AnyFollows(transcript, [.. inForce.Where(IsWanted)]))
                {
                    found.Add(transcript.Learner);
                }
            }
        }

        return found;

        bool IsWanted(FrameworkDefinition f) => framework is null || f.Code == framework;
    }

    private static async Task<List<Guid>> NotMovedAsync(
        NpgsqlConnection connection, string tenant, KeyValuePair<Guid, long>[] learners, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select s.id from unnest($2, $3) as t (id, seen)
              join ledger.mt_streams s on s.tenant_id = $1 and s.id = t.id and s.version <= t.seen and s.type = 'learner'
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learners.Select(l => l.Key).ToArray() });
        command.Parameters.Add(new() { Value = learners.Select(l => l.Value).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    private static async IAsyncEnumerable<Transcript> CurrentAsync(
        NpgsqlConnection connection, string tenant, Guid[] learners, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {RecordedEvents.Columns} from ledger.mt_events where tenant_id = $1 and stream_id = any ($2) order by stream_id, version", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learners });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        Transcript? current = null;
        while (await reader.ReadAsync(cancellation))
        {
            var recorded = RecordedEvents.Read(reader);
            if (current is not null && current.Learner != recorded.Stream)
            {
                yield return current;
                current = null;
            }

            current = (current ?? Transcript.Empty(recorded.Stream)).Evolve(recorded);
        }

        if (current is not null)
        {
            yield return current;
        }
    }
}
