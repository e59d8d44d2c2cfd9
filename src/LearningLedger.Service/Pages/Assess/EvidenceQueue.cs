using LearningLedger.Events;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Pages.Assess;

/// <summary>A piece of evidence that waits for a verdict.</summary>
/// <param name="Learner">Whose it is.</param>
/// <param name="Evidence">The platform's UUID of it.</param>
/// <param name="Sequence">Its place in the ledger.</param>
/// <param name="Occurred">When it was handed in.</param>
/// <param name="Milestone">Milestone it counts for alone, or null.</param>
/// <param name="Skills">Codes of its skills.</param>
/// <param name="MediaType">RFC 6838 media type.</param>
/// <param name="Size">Bytes.</param>
public sealed record OpenEvidence(
    Guid Learner, Guid Evidence, long Sequence, DateTimeOffset Occurred, string? Milestone, IReadOnlyList<string> Skills, string MediaType, long Size);

/// <summary>What an assessor must see of a piece of evidence to judge it.</summary>
/// <param name="Body">As it was submitted.</param>
/// <param name="Title">What its maker called it, or null.</param>
/// <param name="Location">Where the artefact lies; null once the learner is erased.</param>
/// <param name="Occurred">When it was handed in.</param>
public sealed record EvidenceToJudge(EvidenceSubmitted Body, string? Title, string? Location, DateTimeOffset Occurred);

/// <summary>The reviewer's queue of an organisation.</summary>
public static class EvidenceQueue
{
    /// <summary>Items shown at once.</summary>
    public const int Page = 50;

    /// <summary>The oldest open evidence after a place in the ledger; one more than a page if there is more.</summary>
    public static async Task<IReadOnlyList<OpenEvidence>> ReadAsync(NpgsqlDataSource database, string tenant, long after, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select learner, evidence, sequence, occurred, milestone, skills, media_type, size from analytics.open_evidence
              where tenant = $1 and sequence > $2 order by sequence limit {Page + 1}
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = after });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var open = new List<OpenEvidence>();
        while (await reader.ReadAsync(cancellation))
        {
            open.Add(new(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.GetFieldValue<string[]>(5), reader.GetString(6), reader.GetInt64(7)));
        }

        return open;
    }

    /// <summary>One piece of evidence, its title and location opened for whoever may judge it; null when the tenant has none such.</summary>
    public static async Task<EvidenceToJudge?> FindAsync(NpgsqlDataSource database, Vault vault, string tenant, Guid learner, Guid evidence, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        RecordedEvent submitted;
        await using (var command = new NpgsqlCommand(
            $"""
            select {RecordedEvents.Columns} from ledger.mt_events
              where tenant_id = $1 and stream_id = $2 and type = 'evidence.submitted' and data ->> 'evidence' = $3 order by version limit 1
            """,
            connection))
        {
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = learner });
            command.Parameters.Add(new() { Value = evidence.ToString("D") });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            if (!await reader.ReadAsync(cancellation))
            {
                return null;
            }

            submitted = RecordedEvents.Read(reader);
        }

        var body = (EvidenceSubmitted)submitted.Data;
        var key = await StreamKeys.OfLearnerAsync(connection, vault, tenant, learner, cancellation);
        return new(body, Open("title", body.Title), Open("location", body.Location), submitted.Occurred);

        string? Open(string field, Sealed? text) => key is null || text is null ? null : Vault.Open(key, submitted.EventId, field, text);
    }
}
