using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Transcripts;

/// <summary>The audit trail of one learner: every event about them as it is stored.</summary>
public static class ListEventsEndpoint
{
    private const int PageSize = 1_000;

    // Joins and leaves lie in the cohort's stream; they name the learner, so they belong to this trail too.
    private const string Page =
        $"""
        select {RecordedEvents.Columns} from ledger.mt_events where tenant_id = $1 and stream_id = $2 and seq_id > $4
        union all
        select {RecordedEvents.Columns} from ledger.mt_events
          where tenant_id = $1 and data ->> 'learner' = $3 and type in ('cohort.joined', 'cohort.left') and seq_id > $4
        order by 5 limit $5
        """;

    /// <summary>
    /// The events by sequence, 1,000 a page; <c>next</c> is the relative URL of the next page or null. Bodies are as stored: sealed texts stay sealed,
    /// unless <c>open=true</c> asks to have each one's <c>text</c> beside it. 400 malformed <c>after</c> or <c>open</c>; 404 unknown or another tenant's.
    /// </summary>
    [WolverineGet("/v1/learners/{learner}/events"), RequiresScope(Scopes.AuditRead)]
    public static async Task<IResult> Get(Guid learner, HttpContext context, NpgsqlDataSource database, Vault vault, CancellationToken cancellation)
    {
        string? afterText = context.Request.Query["after"], openText = context.Request.Query["open"];
        var after = 0L;
        if (afterText is not null && !long.TryParse(afterText, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return Problems.BadRequest("after must be a ledger sequence.");
        }

        var open = false;
        if (openText is not null && !bool.TryParse(openText, out open))
        {
            return Problems.BadRequest("open must be true or false.");
        }

        var tenant = context.Caller().Tenant;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using (var known = new NpgsqlCommand("select exists (select from ledger.mt_streams where tenant_id = $1 and id = $2 and type = 'learner')", connection))
        {
            known.Parameters.Add(new() { Value = tenant });
            known.Parameters.Add(new() { Value = learner });
            if (await known.ExecuteScalarAsync(cancellation) is not true)
            {
                return Problems.NotFound($"Learner {learner:D}");
            }
        }

        var key = open ? await StreamKeys.OfLearnerAsync(connection, vault, tenant, learner, cancellation) : null;
        var head = await LedgerHead.ReadAsync(connection, cancellation);
        await using var command = new NpgsqlCommand(Page, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        command.Parameters.Add(new() { Value = learner.ToString("D") });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = PageSize + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        head.Announce(context.Response);
        return Results.Bytes(await WriteAsync(reader, learner, open, key, cancellation), "application/json; charset=utf-8");
    }

    private static async Task<ReadOnlyMemory<byte>> WriteAsync(NpgsqlDataReader reader, Guid learner, bool open, byte[]? key, CancellationToken cancellation)
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = LedgerJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteStartArray("events");
        var (count, last) = (0, 0L);
        string? next = null;
        while (await reader.ReadAsync(cancellation))
        {
            if (++count > PageSize)
            {
                next = $"/v1/learners/{learner:D}/events?after={last}{(open ? "&open=true" : "")}";
                break;
            }

            last = reader.GetInt64(4);
            WriteEvent(json, reader, reader.GetGuid(2) == learner ? key : null);
        }

        json.WriteEndArray();
        json.WriteString("next", next);
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
        return output.WrittenMemory;
    }

    private static void WriteEvent(Utf8JsonWriter json, NpgsqlDataReader row, byte[]? key)
    {
        var eventId = row.GetGuid(0);
        json.WriteStartObject();
        json.WriteString("eventId", eventId);
        json.WriteString("type", row.GetString(1));
        json.WriteString("stream", row.GetGuid(2));
        json.WriteNumber("version", row.GetInt64(3));
        json.WriteNumber("sequence", row.GetInt64(4));
        json.WriteString("occurred", row.GetString(6));
        json.WriteString("recorded", LedgerJson.Text(row.GetFieldValue<DateTimeOffset>(5)));
        json.WriteString("actor", row.GetString(7));
        if (!row.IsDBNull(8))
        {
            json.WriteString("source", row.GetString(8));
        }

        json.WritePropertyName("data");
        if (key is null)
        {
            json.WriteRawValue(row.GetString(9), skipInputValidation: true);
        }
        else
        {
            WriteOpened(json, row.GetString(9), key, eventId);
        }

        json.WriteEndObject();
    }

    private static void WriteOpened(Utf8JsonWriter json, string body, byte[] key, Guid eventId)
    {
        using var document = JsonDocument.Parse(body);
        json.WriteStartObject();
        foreach (var field in document.RootElement.EnumerateObject())
        {
            json.WritePropertyName(field.Name);
            if (field.Value.ValueKind == JsonValueKind.Object && field.Value.TryGetProperty("sealed", out var sealedText) && sealedText.GetString() is { } text)
            {
                json.WriteStartObject();
                json.WriteString("sealed", text);
                json.WriteString("text", Vault.Open(key, eventId, field.Name, new Sealed(text)));
                json.WriteEndObject();
            }
            else
            {
                field.Value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }
}
