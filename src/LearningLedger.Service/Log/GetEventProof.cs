using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Log;

/// <summary>The proof that an event is in the log, to be kept and checked offline.</summary>
public static class GetEventProofEndpoint
{
    private const string MediaType = "text/plain; charset=utf-8";

    private const string Where =
        """
        select l.log, l.checkpoint_size, l.checkpoint, n.leaf_index, n.leaf
          from ledger.mt_events e
          left join lateral (select * from tlog.log where tenant = e.tenant_id order by epoch desc limit 1) l on true
          left join tlog.entry n on n.log = l.log and n.seq_id = e.seq_id
          where e.id = $1 and e.tenant_id = $2
        """;

    private sealed record Place(int Log, long Size, string? Checkpoint, long? Index, byte[]? Leaf);

    /// <summary>
    /// A <c>.tlog-proof</c> (C2SP tlog-proof) whose extra line is the leaf. 202 with Retry-After until a signed checkpoint covers the event;
    /// <c>Prefer: wait=N</c> waits up to N seconds for it. 404: unknown, or another tenant's.
    /// </summary>
    [WolverineGet("/v1/events/{eventId}/proof"), RequiresScope(Scopes.AuditRead)]
    public static async Task<IResult> Get(Guid eventId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var place = await FindAsync(connection, eventId, context.Caller().Tenant, cancellation);
        if (place is null)
        {
            return Problems.NotFound($"Event {eventId:D}");
        }

        place = IsCovered(place) ? place : await Prefer.UntilAsync(
            Prefer.WaitOf(context.Request),
            async () => await FindAsync(connection, eventId, context.Caller().Tenant, cancellation) is { } seen && IsCovered(seen) ? seen : null, cancellation);
        if (place is null)
        {
            return Answers.NotYet(context, "No signed checkpoint covers the event yet.", seconds: 1);
        }

        var path = await StoredTiles.ProveAsync(connection, place.Log, ProofPlan.Inclusion(place.Index!.Value, place.Size), cancellation);
        return Results.Text(new LogProof(place.Index.Value, path, SignedNote.Parse(place.Checkpoint!), place.Leaf).ToString(), MediaType);
    }

    private static bool IsCovered(Place place) => place.Index < place.Size;

    private static async Task<Place?> FindAsync(NpgsqlConnection connection, Guid eventId, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Where, connection);
        command.Parameters.Add(new() { Value = eventId });
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            return null;
        }

        return reader.IsDBNull(0)
            ? new Place(0, 0, null, null, null)
            : new Place(
                reader.GetInt32(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4));
    }
}
