using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LearningLedger.Xapi;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>Statements as they go out: as JSON, or as multipart with what is attached to them.</summary>
/// <param name="connection">Open while the answer is written.</param>
/// <param name="tenant">The tenant.</param>
/// <param name="key">The tenant's key.</param>
/// <param name="form">How statements are given back.</param>
/// <param name="attachments">Whether attached bytes come with them.</param>
internal sealed class StatementAnswer(NpgsqlConnection connection, string tenant, TenantKey key, StatementForm form, bool attachments)
{
    /// <summary>Writes one statement by itself.</summary>
    public async Task OneAsync(HttpContext context, FoundStatement statement, CancellationToken cancellation)
    {
        var output = new ArrayBufferWriter<byte>(statement.Kept.Length + 100);
        await WriteAsync([statement], output, context, cancellation);
        await SendAsync(context, output.WrittenMemory, [statement], cancellation);
    }

    /// <summary>Writes a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="statements">The statements, in order.</param>
    /// <param name="more">Where the next page is; empty when there is none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task PageAsync(HttpContext context, IReadOnlyList<FoundStatement> statements, string more, CancellationToken cancellation)
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        output.Write("{\"statements\":["u8);
        await WriteAsync(statements, output, context, cancellation);
        output.Write("],\"more\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(more, LedgerJson.Options));
        output.Write("}"u8);
        await SendAsync(context, output.WrittenMemory, statements, cancellation);
    }

    private async Task WriteAsync(IReadOnlyList<FoundStatement> statements, ArrayBufferWriter<byte> output, HttpContext context, CancellationToken cancellation)
    {
        if (form == StatementForm.Exact)
        {
            for (var i = 0; i < statements.Count; i++)
            {
                output.Write(i == 0 ? ""u8 : ","u8);
                StatementText.WriteExact(output, statements[i].Kept, statements[i].Stored);
            }

            return;
        }

        var parsed = statements.Select(s =>
        {
            var exact = new ArrayBufferWriter<byte>(s.Kept.Length + 100);
            StatementText.WriteExact(exact, s.Kept, s.Stored);
            return JsonDocument.Parse(exact.WrittenMemory);
        }).ToList();
        var definitions = form == StatementForm.Canonical ? await DefinitionsAsync(parsed, cancellation) : [];
        var writer = new StatementFormat(
            form, Languages.Accepted(context.Request.Headers.AcceptLanguage), id => definitions.TryGetValue(key.OfActivity(id), out var known) ? known : null);
        for (var i = 0; i < parsed.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = LedgerJson.Options.Encoder });
            writer.Write(json, parsed[i].RootElement);
        }

        parsed.ForEach(d => d.Dispose());
    }

    private async Task<Dictionary<Guid, JsonElement>> DefinitionsAsync(IEnumerable<JsonDocument> statements, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select key, definition::text from xapi.activity where tenant = $1 and key = any ($2)", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = statements.SelectMany(s => StatementFormat.Activities(s.RootElement)).Distinct().Select(key.OfActivity).ToArray() });
        var definitions = new Dictionary<Guid, JsonElement>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            definitions[reader.GetGuid(0)] = JsonSerializer.Deserialize<JsonElement>(reader.GetString(1));
        }

        return definitions;
    }

    private async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json, IReadOnlyList<FoundStatement> statements, CancellationToken cancellation)
    {
        var response = context.Response;
        if (!attachments)
        {
            response.ContentType = "application/json";
            response.ContentLength = json.Length;
            await response.Body.WriteAsync(json, cancellation);
            return;
        }

        var boundary = RandomNumberGenerator.GetHexString(32, lowercase: true);
        response.ContentType = $"multipart/mixed; boundary={boundary}";
        response.Headers.ContentDisposition = "attachment";
        await TextAsync($"--{boundary}\r\nContent-Type: application/json\r\n\r\n");
        await response.Body.WriteAsync(json, cancellation);
        foreach (var (statement, sha2) in statements.SelectMany(s => Hashes(s).Select(h => (s, h))).DistinctBy(a => a.h))
        {
            await Attachments.WriteAsync(connection, tenant, statement.Stream, statement.StreamKey, sha2, mediaType => TextAsync(
                $"\r\n--{boundary}\r\nContent-Type: {mediaType}\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha2}\r\n\r\n"), response.Body, cancellation);
        }

        await TextAsync($"\r\n--{boundary}--\r\n");

        async Task TextAsync(string text) => await response.Body.WriteAsync(Encoding.ASCII.GetBytes(text), cancellation);
    }

    private static List<string> Hashes(FoundStatement statement)
    {
        using var document = JsonDocument.Parse(statement.Kept);
        var root = document.RootElement;
        return [.. Of(root), .. root.GetProperty("object").TryGetProperty("attachments", out _) ? Of(root.GetProperty("object")) : []];

        static IEnumerable<string> Of(JsonElement holder) => holder.TryGetProperty("attachments", out var list)
            ? list.EnumerateArray().Select(a => a.GetProperty("sha2").GetString()!.ToLowerInvariant())
            : [];
    }
}
