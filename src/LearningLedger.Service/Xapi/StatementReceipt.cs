using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>
/// The ledger's promise to a platform that its statements will be in the log by a deadline, signed: in a header of the answer to a post of a few, and for
/// as many as a post may hold from here, at any time.
/// </summary>
public static class StatementReceiptEndpoint
{
    /// <summary>The header: base64 of the signed note.</summary>
    internal const string Header = "Ledger-Receipt";

    /// <summary>
    /// The receipt of the statements whose ids are posted as a JSON array, the body of the answer to a post of statements: 200, the signed note as text, a line for each
    /// in the order asked for. 400 not an array of UUIDs; 404 one is not stored, or was not posted by this key; 413 too many.
    /// </summary>
    [WolverinePost(PostStatementsEndpoint.Route + "/receipt"), RequiresScope(Scopes.StatementsWrite)]
    public static async Task<IResult> Post(
        HttpContext context, NpgsqlDataSource database, TenantKeys keys, Vault vault, ReceiptSigner signer, LedgerSettings settings, CancellationToken cancellation)
    {
        var parameters = new Parameters(context);
        if (parameters.Problem is { } wrong)
        {
            return wrong;
        }

        if (await RequestBody.ReadAsync(context.Request, settings.Limits.BodyBytes, cancellation) is not { } body)
        {
            return Problems.TooLarge($"The body is larger than {settings.Limits.BodyBytes} bytes.");
        }

        if (Ids(body, out var ids) is { } malformed)
        {
            return Problems.BadRequest(malformed);
        }

        if (ids.Length > settings.Limits.BatchEvents)
        {
            return Problems.TooLarge($"One receipt is for {settings.Limits.BatchEvents} statements at most.");
        }

        var caller = context.Caller();
        var found = await FindAsync(database, caller, ids, await keys.OfAsync(caller.Tenant, cancellation), vault, cancellation);
        var missing = Array.FindIndex(ids, id => !found.ContainsKey(id));
        if (missing >= 0)
        {
            return Problems.NotFound($"Statement {ids[missing]:D}, posted by this key,");
        }

        return await signer.SignAsync(caller.Tenant, ids.Select(id => found[id]), cancellation) is { } note
            ? Results.Text(note, "text/plain; charset=utf-8")
            : Problems.NotFound("A hash of what was sent");
    }

    /// <returns>What is wrong with the body, or null.</returns>
    private static string? Ids(ReadOnlyMemory<byte> body, out Guid[] ids)
    {
        const string rule = "The body must be a JSON array of one or more distinct statement ids, as the answer to a post of statements is.";
        ids = [];
        using var document = XapiJson.Read(body, out var wrong);
        if (document is null)
        {
            return wrong;
        }

        if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() == 0)
        {
            return rule;
        }

        var read = new List<Guid>();
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !item.TryGetGuid(out var id))
            {
                return rule;
            }

            read.Add(id);
        }

        ids = [.. read];
        return ids.Distinct().Count() == ids.Length ? null : rule;
    }

    private static async Task<Dictionary<Guid, ReceiptOf>> FindAsync(
        NpgsqlDataSource database, Caller caller, Guid[] ids, TenantKey tenantKey, Vault vault, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select s.id, s.event_id, s.stream, e.version, e.timestamp, e.headers ->> 'sent', k.wrapped from unnest($3) as a (id)
              join xapi.statement s on s.tenant = $1 and s.id = a.id and s.posted_by = $2 join ledger.mt_events e on e.id = s.event_id
              left join vault.learner_key k on k.tenant = s.tenant and k.learner = s.stream
            """);
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = caller.KeyId });
        command.Parameters.Add(new() { Value = ids });
        var found = new Dictionary<Guid, ReceiptOf>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            // A group's stream has the tenant's key; a statement of an erased learner is in the index no more.
            var (eventId, stream) = (reader.GetGuid(1), reader.GetGuid(2));
            var key = reader.IsDBNull(6) ? tenantKey.Key : vault.Unwrap(reader.GetFieldValue<byte[]>(6), Vault.Owner(caller.Tenant, stream));
            found[reader.GetGuid(0)] = new(
                eventId, reader.GetInt64(3), SentHash.Show(key, eventId, reader.IsDBNull(5) ? null : reader.GetString(5)), reader.GetFieldValue<DateTimeOffset>(4));
        }

        return found;
    }
}
