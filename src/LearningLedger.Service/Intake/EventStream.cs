using System.Text.Json;
using System.Threading.Channels;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace LearningLedger.Service.Intake;

/// <summary>
/// Records a request of any length while it comes: NDJSON in, NDJSON out. Its lines are recorded in chunks, one after the other, each wholly or
/// not at all; each is answered by a line once it is flushed to disk. The first that is refused ends the stream, and its line says why.
/// </summary>
/// <remarks>
/// While a chunk is being committed the next two are read and checked, never more: a sender faster than the database is held back by the connection,
/// and the memory of a stream is that of four chunks. Too much waiting to be written is therefore no reason to refuse, only to wait.
/// </remarks>
public sealed class EventStream(
    Committer committer, Catalogue catalogue, KeyRing keys, ReceiptSigner signer, LedgerSettings settings, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<EventStream> log)
{
    private sealed record Checked(StreamChunk Chunk, IntakeRequest? Request, IResult? Refusal);

    /// <summary>Whether the sender asks for it, by an <c>Accept</c> of the media type that is sent.</summary>
    public static bool IsAsked(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) && accepted.Any(a => a.MediaType.Equals(PostEventsEndpoint.Lines, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads, records and answers until the request ends or something is refused.</summary>
    /// <param name="context">The request, its body untouched.</param>
    /// <param name="correlation">What ties it to other work.</param>
    public async Task<IResult> RecordAsync(HttpContext context, string? correlation)
    {
        LiftLimits(context);
        var caller = context.Caller();
        var answer = new StreamAnswer(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var chunks = new ChunkReader(
            context.Request.BodyReader, Math.Min(Limits.EventsPerChunk, settings.Limits.BatchEvents), Limits.StreamLinger, Limits.StreamIdle, ending.Token);
        var ahead = Channel.CreateBounded<Task<Checked>>(1);
        Telemetry.StreamsOpen.Add(1);
        var reading = Task.Run(() => ReadAsync(chunks, caller, correlation, ahead.Writer, ending.Token), CancellationToken.None);
        try
        {
            await foreach (var check in ahead.Reader.ReadAllAsync(context.RequestAborted))
            {
                var next = await check;
                if (await CommitAsync(next, caller, answer, context.RequestAborted) is { } refusal)
                {
                    await answer.RefuseAsync(next.Chunk, refusal);
                    return Results.Empty;
                }

                chunks.Release(next.Chunk);
            }

            if (Incomplete(chunks) is { } broken)
            {
                await answer.EndAsync(broken);
            }
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested || e is IOException)
        {
            // The sender has gone. What was not acknowledged may be sent again.
        }
        catch (BadHttpRequestException e)
        {
            await answer.EndAsync(Problems.BadRequest(e.Message));
        }
        catch (Exception e)
        {
            log.StreamFailed(e);
            await answer.EndAsync(DatabaseAway.Is(e)
                ? Problems.Of(503, "busy", DatabaseAway.Sentence(e))
                : Problems.Of(500, "internal", "Something failed in the service."));
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
            while (ahead.Reader.TryRead(out var unwanted))
            {
                await ((Task)unwanted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await chunks.CloseAsync();
            Telemetry.StreamsOpen.Add(-1);
        }

        return Results.Empty;
    }

    /// <summary>The bounds of an ordinary request would end a long stream, and the least rate of its body a slow one; <see cref="Limits.StreamIdle"/> ends a dead one.</summary>
    private static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private async Task ReadAsync(ChunkReader chunks, Caller caller, string? correlation, ChannelWriter<Task<Checked>> ahead, CancellationToken ending)
    {
        try
        {
            while (await chunks.NextAsync() is { } chunk && await ahead.WaitToWriteAsync(ending))
            {
                ahead.TryWrite(Task.Run(() => CheckAsync(chunk, caller, correlation, ending), CancellationToken.None));
            }

            ahead.Complete();
        }
        catch (Exception e)
        {
            ahead.Complete(e is OperationCanceledException && ending.IsCancellationRequested ? null : e);
        }
    }

    private async Task<Checked> CheckAsync(StreamChunk chunk, Caller caller, string? correlation, CancellationToken cancellation)
    {
        var received = time.GetUtcNow();
        var (reader, refusal) = Read(chunk, caller, received, await catalogue.RecentAsync(caller.Tenant, cancellation));
        if (refusal is null && reader.Faults.Count > 0)
        {
            // The catalogue in memory may be older than a framework another node has just published.
            (reader, refusal) = Read(chunk, caller, received, await catalogue.CurrentAsync(caller.Tenant, cancellation));
        }

        refusal ??= reader.Faults.Count > 0 ? Problems.Unprocessable([.. reader.Faults.Take(Limits.FaultsListed)]) : PostEventsEndpoint.ForeignSources(caller, reader.Events);
        if (refusal is not null)
        {
            return new Checked(chunk, null, refusal);
        }

        // Here, while the chunk before is being written.
        var request = new IntakeRequest(caller, reader.Events, received, correlation);
        committer.Prepare(request);
        return new Checked(chunk, request, null);
    }

    private static (CloudEventReader Reader, IResult? Refusal) Read(StreamChunk chunk, Caller caller, DateTimeOffset received, TenantCatalogue known)
    {
        var reader = new CloudEventReader(caller.Tenant, received, known);
        for (var i = 0; i < chunk.Count; i++)
        {
            try
            {
                using var document = JsonDocument.Parse(chunk[i], PostEventsEndpoint.Strict);
                reader.Read(document.RootElement, chunk.FirstIndex + i);
            }
            catch (JsonException e)
            {
                return (reader, Problems.Of(400, "malformed", $"Line {chunk.LineOf(chunk.FirstIndex + i)} is not JSON.", ("errors", new List<Problems.Fault> { new(chunk.FirstIndex + i, "$", e.Message) })));
            }
        }

        return (reader, null);
    }

    /// <summary>Records a chunk and answers it; else says why not.</summary>
    private async Task<IResult?> CommitAsync(Checked next, Caller caller, StreamAnswer answer, CancellationToken gone)
    {
        if (next.Request is not { } request)
        {
            return next.Refusal;
        }

        while (true)
        {
            if (!await keys.StillAllowsAsync(caller, Scopes.EventsWrite, gone))
            {
                return Problems.Unauthenticated("The key was revoked while the stream was open.");
            }

            switch (await committer.SubmitAsync(request))
            {
                case IntakeOutcome.Recorded recorded:
                    await answer.RecordedAsync(next.Chunk, recorded.Receipts, signer);
                    return null;
                case IntakeOutcome.Conflict conflict:
                    return Problems.ContentConflict(conflict.Faults);
                default:
                    if (lifetime.ApplicationStopping.IsCancellationRequested)
                    {
                        return Stopping();
                    }

                    await Task.Delay(Limits.StreamRetry, gone);
                    break;
            }
        }
    }

    private static IResult? Incomplete(ChunkReader chunks) => chunks.End switch
    {
        StreamEnd.Complete => null,
        StreamEnd.LineTooLong => Problems.Of(
            413, "too-large", $"Line {chunks.Line} is longer than {Limits.StreamLineBytes} bytes.",
            ("errors", new List<Problems.Fault> { new(null, "$", $"is longer than {Limits.StreamLineBytes} bytes.", Line: chunks.Line) })),
        StreamEnd.TooManyLines => Problems.TooLarge($"One stream may hold {int.MaxValue - 1} lines at most; send several."),
        StreamEnd.Idle => Problems.Of(408, "idle", $"Nothing came for {Limits.StreamIdle.TotalSeconds:0} seconds; a blank line now and then keeps a stream open."),
        _ => Stopping(),
    };

    private static IResult Stopping() => Problems.Of(503, "busy", "The service stops.");
}
