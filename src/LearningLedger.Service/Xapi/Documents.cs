using System.Security.Cryptography;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>Where a document lies. What a kind does not have is the nil UUID.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Kind">One of <see cref="Documents"/>' kinds.</param>
/// <param name="Agent">Index key of the agent.</param>
/// <param name="Activity">Index key of the activity.</param>
/// <param name="Registration">The registration.</param>
/// <param name="Id">State or profile id.</param>
public sealed record DocumentAddress(string Tenant, string Kind, Guid Agent, Guid Activity, Guid Registration, string Id);

/// <summary>A stored document.</summary>
public sealed record StoredDocument(string MediaType, string ETag, DateTimeOffset Updated, byte[] Content)
{
    /// <summary>Whether its media type says JSON.</summary>
    public bool IsJson => Documents.IsJson(MediaType);
}

/// <summary>What became of a write.</summary>
public enum DocumentOutcome
{
    /// <summary>Written, or removed.</summary>
    Done,

    /// <summary>Not at the state <c>If-Match</c> or <c>If-None-Match</c> names.</summary>
    PreconditionFailed,

    /// <summary>It exists, and the request does not say that it knows.</summary>
    Exists,

    /// <summary>Version 1.0 wants a precondition for every profile.</summary>
    PreconditionMissing,

    /// <summary>It cannot be merged: one of the two is no JSON object.</summary>
    NotMergeable,
}

/// <summary>State and profile documents, in their table.</summary>
public sealed class Documents(NpgsqlDataSource database)
{
    /// <summary>State of an agent in an activity.</summary>
    public const string State = "state";

    /// <summary>Profile of an activity.</summary>
    public const string ActivityProfile = "activity-profile";

    /// <summary>Profile of an agent.</summary>
    public const string AgentProfile = "agent-profile";

    private const string Where = "tenant = $1 and kind = $2 and agent = $3 and activity = $4 and registration = $5 and id = $6";

    /// <summary>Whether a media type says JSON.</summary>
    public static bool IsJson(string mediaType) =>
        mediaType.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The document, or null.</summary>
    public async Task<StoredDocument?> FindAsync(DocumentAddress at, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await ReadAsync(connection, at, cancellation);
    }

    /// <summary>Ids of the documents of an agent, activity and, unless null, registration; updated after <paramref name="since"/>.</summary>
    public async Task<List<string>> ListAsync(DocumentAddress at, Guid? registration, DateTimeOffset? since, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select distinct id from xapi.document where tenant = $1 and kind = $2 and agent = $3 and activity = $4
              and ($5::uuid is null or registration = $5) and updated > $6 order by id
            """);
        Add(command, at.Tenant, at.Kind, at.Agent, at.Activity);
        command.Parameters.Add(new() { Value = (object?)registration ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = since ?? DateTimeOffset.MinValue });
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    /// <summary>Removes all documents of an agent, activity and, unless null, registration.</summary>
    public async Task RemoveAllAsync(DocumentAddress at, Guid? registration, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "delete from xapi.document where tenant = $1 and kind = $2 and agent = $3 and activity = $4 and ($5::uuid is null or registration = $5)");
        Add(command, at.Tenant, at.Kind, at.Agent, at.Activity);
        command.Parameters.Add(new() { Value = (object?)registration ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Changes one document, one request at a time.</summary>
    /// <param name="at">Which.</param>
    /// <param name="decide">Sees what is there (or null) and gives the refusal, or what shall be there; no document removes it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<DocumentOutcome> ChangeAsync(
        DocumentAddress at, Func<StoredDocument?, (DocumentOutcome Outcome, string? MediaType, byte[]? Content)> decide, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // A row that does not exist cannot be locked; its address can.
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 41))", connection))
        {
            turn.Parameters.Add(new() { Value = $"{at.Tenant}\n{at.Kind}\n{at.Agent}\n{at.Activity}\n{at.Registration}\n{at.Id}" });
            await turn.ExecuteNonQueryAsync(cancellation);
        }

        var (outcome, mediaType, content) = decide(await ReadAsync(connection, at, cancellation));
        if (outcome != DocumentOutcome.Done)
        {
            return outcome;
        }

        await using var write = content is null
            ? new NpgsqlCommand($"delete from xapi.document where {Where}", connection)
            : new NpgsqlCommand(
                """
                insert into xapi.document (tenant, kind, agent, activity, registration, id, media_type, etag, content, updated)
                  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp())
                  on conflict (tenant, kind, agent, activity, registration, id)
                  do update set media_type = excluded.media_type, etag = excluded.etag, content = excluded.content, updated = excluded.updated
                """,
                connection);
        Add(write, at.Tenant, at.Kind, at.Agent, at.Activity, at.Registration, at.Id);
        if (content is not null)
        {
            Add(write, mediaType!, ETagOf(content), content);
        }

        await write.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(CancellationToken.None);
        return DocumentOutcome.Done;
    }

#pragma warning disable CA5350 // Version 1.0.3 (part 3, section 3.1) defines the tag as SHA-1 in hex; it guards against lost updates, not against forgery.
    private static string ETagOf(byte[] content) => $"\"{Convert.ToHexStringLower(SHA1.HashData(content))}\"";
#pragma warning restore CA5350

    private static async Task<StoredDocument?> ReadAsync(NpgsqlConnection connection, DocumentAddress at, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select media_type, etag, updated, content from xapi.document where {Where}", connection);
        Add(command, at.Tenant, at.Kind, at.Agent, at.Activity, at.Registration, at.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new StoredDocument(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<byte[]>(3))
            : null;
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
    }
}
