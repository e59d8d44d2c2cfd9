using System.Runtime.CompilerServices;
using LearningLedger.Awards;
using LearningLedger.Frameworks;
using LearningLedger.Service.Store;
using LearningLedger.Transcripts;
using Npgsql;

namespace LearningLedger.Service.Awards;

/// <summary>A learner judged.</summary>
/// <param name="Learner">The learner.</param>
/// <param name="Version">The version of the stream it was judged at.</param>
/// <param name="Outlook">What keeps the policy from awarding; null: something follows.</param>
public sealed record JudgedLearner(Guid Learner, long Version, AwardOutlook? Outlook);

/// <summary>Finds, among many learners, those to whom the policy would award something now.</summary>
public sealed class AwardSearch(NpgsqlDataSource database)
{
    /// <summary>Learners whose streams are read in one round trip.</summary>
    public const int Chunk = 250;

    /// <summary>Folds the current stream of each learner, one at a time in memory, and asks the policy.</summary>
    /// <param name="known">Their tenant's catalogue, current.</param>
    /// <param name="learners">
    /// Each with the version up to which the caller has seen the stream. A stream that has moved beyond is passed over: the caller comes back to it.
    /// </param>
    /// <param name="framework">Code of the only framework to look at; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<JudgedLearner> AmongAsync(
        TenantCatalogue known, IReadOnlyCollection<KeyValuePair<Guid, long>> learners, string? framework, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pinning = known.Cohorts.Where(c => c is { Closed: false, FrameworkVersion: not null }).ToList();
        var judged = known.Current.Concat(pinning.Select(c => known.Version(c.Framework, c.FrameworkVersion!.Value)).OfType<FrameworkDefinition>());
        if (learners.Count == 0 || !judged.Any(f => IsWanted(f) && f.Milestones.Any(m => m.Rule.Decision == AwardDecision.Automatic)))
        {
            yield break;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        foreach (var chunk in (await NotMovedAsync(connection, known.Tenant, learners, cancellation)).Chunk(Chunk))
        {
            var cohorts = pinning.Count == 0 ? null : await CohortMembers.CohortsOfAllAsync(connection, known.Tenant, chunk, cancellation);
            await foreach (var transcript in CurrentAsync(connection, known.Tenant, chunk, cancellation))
            {
                if (transcript.IsErased)
                {
                    continue;
                }

                // Only part of what counts is at hand; it is all looked at where the award is decided, at the one who leads.
                if (transcript.LinkedInto is not null || !transcript.Linked.IsEmpty)
                {
                    yield return new JudgedLearner(transcript.LinkedInto ?? transcript.Learner, transcript.Position.Version, Outlook: null);
                    continue;
                }

                var inForce = cohorts is null ? known.Current : known.InForce(cohorts[transcript.Learner]);
                yield return new JudgedLearner(
                    transcript.Learner, transcript.Position.Version, AutomaticAwards.Outlook(transcript, [.. inForce.Where(IsWanted)]));
            }
        }

        bool IsWanted(FrameworkDefinition f) => framework is null || f.Code == framework;
    }

    private static async Task<List<Guid>> NotMovedAsync(
        NpgsqlConnection connection, string tenant, IReadOnlyCollection<KeyValuePair<Guid, long>> learners, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            -- "offset 0" has each looked up by its key: a join would read the whole table until PostgreSQL has looked at it once.
            select s.id from unnest($2, $3) as t (id, seen)
              cross join lateral (select s.id from ledger.mt_streams s where s.tenant_id = $1 and s.id = t.id and s.version <= t.seen and s.type = 'learner' offset 0) s
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
        NpgsqlConnection connection, string tenant, Guid[] learners, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {RecordedEvents.FoldedColumns} from ledger.mt_events where tenant_id = $1 and stream_id = any ($2) order by stream_id, version", connection);
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
