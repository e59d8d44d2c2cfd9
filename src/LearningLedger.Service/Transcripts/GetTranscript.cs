using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Transcripts;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Transcripts;

/// <summary>A learner's transcript, now or as it stood.</summary>
public static class GetTranscriptEndpoint
{
    private const string Stream = $"select {RecordedEvents.FoldedColumns} from ledger.mt_events where tenant_id = $1 and stream_id = $2";

    // The longest run from version 1 that was recorded by then, not whatever carries an earlier stamp: a clock may be set back.
    private const string RecordedBy =
        """
        version < coalesce(
          (select min(late.version) from ledger.mt_events late where late.tenant_id = $1 and late.stream_id = $2 and late.timestamp > $3), 9223372036854775807)
        """;

    private const string MediaType = "application/json; charset=utf-8";

    /// <summary>
    /// The fold of the learner's events. <c>asOf</c> (<c>seq:N</c> or a time) takes those the ledger held then, <c>occurredBy</c> leaves out what occurred later.
    /// The same as-of gives the same bytes for ever; but once the learner is erased every answer has <c>erasedSince</c> and no lines. <c>format=proof</c> (scope audit:read) answers a proof bundle instead. 400: malformed, or ahead of the ledger; 404: unknown, another tenant's, or not registered by then.
    /// </summary>
    [WolverineGet("/v1/learners/{learner}/transcript"), RequiresScope(Scopes.TranscriptsRead)]
    public static async Task<IResult> Get(Guid learner, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        string? asOfText = context.Request.Query["asOf"], occurredByText = context.Request.Query["occurredBy"];
        var asOf = asOfText is null ? null : AsOf.Parse(asOfText);
        if (asOfText is not null && asOf is null)
        {
            return Problems.BadRequest(AsOf.Rule);
        }

        var occurredBy = occurredByText is null ? null : AsOf.ParseTime(occurredByText);
        if (occurredByText is not null && occurredBy is null)
        {
            return Problems.BadRequest("occurredBy must be an RFC 3339 time such as 2026-05-01T12:00:00Z.");
        }

        if ((string?)context.Request.Query["format"] is { } format && format != "json")
        {
            return await AsAsync(format, context, learner, asOf, occurredBy, cancellation);
        }

        var tenant = context.Caller().Tenant;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (history, head) = asOf is null
            ? await CurrentAsync(connection, tenant, learner, cancellation)
            : await StoodAsync(connection, tenant, learner, asOf, cancellation);
        if (asOf?.Ahead(head.Sequence, head.Clock) is { } ahead)
        {
            return ahead;
        }

        if (history.Own.Count == 0 || EventCatalog.Find(history.Own[0].Type)!.Family != StreamFamily.Learner)
        {
            return asOf is null
                ? Problems.NotFound($"Learner {learner:D}")
                : Problems.Of(404, "not-found", $"Learner {learner:D} is not known here, or was not registered at that time.");
        }

        head.Announce(context.Response);
        context.Response.Headers.ETag = $"\"{history.Own[^1].Version}\"";
        var transcript = Transcript.Fold(learner, history.All, occurredBy);
        if (!transcript.IsErased)
        {
            return Results.Bytes(TranscriptDocument.Of(transcript).Utf8(), MediaType);
        }

        return await Erasures.FindAsync(connection, tenant, learner, cancellation) is { } erased
            ? Results.Bytes((TranscriptDocument.Of(transcript) with { ErasedSince = erased.Since }).Utf8(), MediaType)
            : Problems.Of(500, "masked", "The learner's events are masked, and no erasure says why.");
    }

    private static async Task<IResult> AsAsync(
        string format, HttpContext context, Guid learner, AsOf? asOf, DateTimeOffset? occurredBy, CancellationToken cancellation) =>
        format != "proof" ? Problems.BadRequest("format must be json or proof.")
        : occurredBy is not null ? Problems.BadRequest("A proof has all that was recorded; occurredBy cannot be had with it.")
        : !Scopes.Allow(context.Caller().Scopes, Scopes.AuditRead) ? Problems.MissingScope(Scopes.AuditRead)
        : await context.RequestServices.GetRequiredService<TranscriptProof>()(context, learner, asOf, cancellation);

    private static async Task<(LearnerHistory History, LedgerHead Head)> CurrentAsync(
        NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        var (events, head) = await ReadAsync();
        return (await LearnerHistory.WithLinkedAsync(events, other => RecordedEvents.OfStreamAsync(connection, tenant, other, long.MaxValue, cancellation)), head);

        async Task<(List<RecordedEvent> Events, LedgerHead Head)> ReadAsync()
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(Of(Stream + " order by version", tenant, learner));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerHead.Sql));
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            var events = await GetTranscriptEndpoint.ReadAsync(reader, cancellation);
            await reader.NextResultAsync(cancellation);
            await reader.ReadAsync(cancellation);
            return (events, LedgerHead.Read(reader));
        }
    }

    private static async Task<(LearnerHistory History, LedgerHead Head)> StoodAsync(
        NpgsqlConnection connection, string tenant, Guid learner, AsOf asOf, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var head = await LedgerHead.ReadAsync(connection, cancellation);
        return asOf.Ahead(head.Sequence, head.Clock) is null
            ? (await LearnerHistory.WithLinkedAsync(await ReadAsync(learner), ReadAsync), head)
            : (new LearnerHistory([], []), head);

        // An appender holds the stream's row before it takes a sequence number and reads the clock, until it commits. Once this lock is had,
        // whatever may carry a number or time up to the as-of is there to be seen, and what comes later gets later ones: the answer is final.
        async Task<List<RecordedEvent>> ReadAsync(Guid stream)
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            batch.BatchCommands.Add(Of("select version from ledger.mt_streams where tenant_id = $1 and id = $2 for share", tenant, stream));
            var events = Of($"{Stream} and {(asOf.Sequence is null ? RecordedBy : "seq_id <= $3")} order by version", tenant, stream);
            events.Parameters.Add(new() { Value = asOf.Sequence ?? (object)asOf.Time! });
            batch.BatchCommands.Add(events);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            await reader.NextResultAsync(cancellation);
            return await GetTranscriptEndpoint.ReadAsync(reader, cancellation);
        }
    }

    private static NpgsqlBatchCommand Of(string sql, string tenant, Guid learner)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        return command;
    }

    private static async Task<List<RecordedEvent>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var events = new List<RecordedEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(RecordedEvents.Read(reader));
        }

        return events;
    }
}
