using System.Text.Json;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>A statement to send.</summary>
/// <param name="Found">The statement, opened.</param>
/// <param name="Json">As it is sent: without <c>stored</c>, <c>version</c> and <c>authority</c>, which the receiving store says itself.</param>
internal sealed record ForwardedStatement(FoundStatement Found, byte[] Json)
{
    /// <summary>Its place.</summary>
    public (DateTimeOffset Stored, Guid Id) Place => (Found.Stored, Found.Id);

    /// <summary>SHA-2 of all its attachments.</summary>
    public required IReadOnlyList<string> Attachments { get; init; }

    /// <summary>Makes it.</summary>
    public static ForwardedStatement Of(FoundStatement found)
    {
        using var document = JsonDocument.Parse(found.Kept);
        var root = document.RootElement;
        using var output = new MemoryStream(found.Kept.Length);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = LedgerJson.Options.Encoder }))
        {
            json.WriteStartObject();
            foreach (var member in root.EnumerateObject().Where(m => m.Name is not ("stored" or "version" or "authority")))
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return new(found, output.ToArray()) { Attachments = [.. Hashes(root), .. Hashes(root.GetProperty("object"))] };
    }

    private static IEnumerable<string> Hashes(JsonElement holder) => holder.TryGetProperty("attachments", out var list)
        ? list.EnumerateArray().Select(a => a.GetProperty("sha2").GetString()!.ToLowerInvariant())
        : [];
}

/// <summary>The next statements of a target.</summary>
/// <param name="Chosen">Those to send, in the order in which they were stored.</param>
/// <param name="End">The last one looked at; null: there is nothing new.</param>
internal sealed record ForwardPage(IReadOnlyList<ForwardedStatement> Chosen, (DateTimeOffset Stored, Guid Id)? End)
{
    /// <summary>Statements looked at in one go.</summary>
    private const int Rows = 200;

    private const string Found =
        """
        select s.id, s.stored, s.event_id, s.stream, e.data -> 'content' ->> 'sealed', k.wrapped, e.data ->> 'verb', e.data ->> 'activity'
          from xapi.statement s join ledger.mt_events e on e.id = s.event_id left join vault.learner_key k on k.tenant = s.tenant and k.learner = s.stream
          where s.tenant = $1
        """;

    /// <summary>Reads what was stored after the target's position, as far as nothing earlier can still appear.</summary>
    public static async Task<ForwardPage> ReadAsync(NpgsqlConnection connection, Forward forward, TenantKey key, Vault vault, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Consistency.Command(forward.Tenant));
        var next = new NpgsqlBatchCommand($"{Found} and (s.stored, s.id) > ($2, $3) order by s.stored, s.id limit {Rows}");
        next.Parameters.Add(new() { Value = forward.Tenant });
        next.Parameters.Add(new() { Value = forward.Sent.Stored });
        next.Parameters.Add(new() { Value = forward.Sent.Id });
        batch.BatchCommands.Add(next);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var complete = reader.GetFieldValue<DateTimeOffset>(0);
        await reader.NextResultAsync(cancellation);
        var chosen = new List<ForwardedStatement>();
        (DateTimeOffset, Guid)? end = null;
        while (await reader.ReadAsync(cancellation) && reader.GetFieldValue<DateTimeOffset>(1) <= complete)
        {
            end = (reader.GetFieldValue<DateTimeOffset>(1), reader.GetGuid(0));
            if (forward.Chooses(reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7)) && FoundStatement.Read(reader, forward.Tenant, key, vault) is { } found)
            {
                chosen.Add(ForwardedStatement.Of(found));
            }
        }

        return new(chosen, end);
    }

    /// <summary>Reads refused statements that somebody asked to send again, oldest first.</summary>
    public static async Task<IReadOnlyList<ForwardedStatement>> AgainAsync(
        NpgsqlConnection connection, Forward forward, TenantKey key, Vault vault, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"{Found} and s.id in (select r.id from xapi.forward_refused r where r.tenant = $1 and r.code = $2 and r.again order by r.stored limit {Rows}) order by s.stored, s.id",
            connection);
        command.Parameters.Add(new() { Value = forward.Tenant });
        command.Parameters.Add(new() { Value = forward.Code });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var again = new List<ForwardedStatement>();
        while (await reader.ReadAsync(cancellation))
        {
            if (FoundStatement.Read(reader, forward.Tenant, key, vault) is { } found)
            {
                again.Add(ForwardedStatement.Of(found));
            }
        }

        return again;
    }
}
