using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace LearningLedger.Service.Intake;

/// <summary>What a recorded post is answered.</summary>
/// <param name="Accepted">How many were recorded now.</param>
/// <param name="Duplicates">How many were recorded before.</param>
/// <param name="Receipts">One for each event, in request order.</param>
/// <param name="Receipt">The same signed, with the time by which the log covers them: a note of the log's receipt key.</param>
public sealed record PostEventsAnswer(int Accepted, int Duplicates, IReadOnlyList<Receipt> Receipts, string? Receipt);

/// <summary>Platforms post what happened: CloudEvents 1.0, one, a batch, or one a line. All are recorded or none.</summary>
public static class PostEventsEndpoint
{
    private const string One = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    internal const string Lines = "application/x-ndjson";

    internal static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Records events.</summary>
    [WolverinePost("/v1/events"), RequiresScope(Scopes.EventsWrite)]
    public static async Task<IResult> Post(
        HttpContext context, Committer committer, EventStream stream, ReceiptSigner signer, Catalogue catalogue, LedgerSettings settings, TimeProvider time,
        CancellationToken cancellation)
    {
        var caller = context.Caller();
        var mediaType = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : "";
        if (mediaType is not (One or Batch or Lines) || (type!.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            return Problems.UnsupportedMediaType(context.Request.ContentType ?? "", $"{One}, {Batch} or {Lines}, in UTF-8");
        }

        if (!Correlation.TryRead(context, out var correlation))
        {
            return Problems.BadRequest(Correlation.Rule);
        }

        if (mediaType == Lines && EventStream.IsAsked(context.Request))
        {
            return await stream.RecordAsync(context, correlation);
        }

        var body = await RequestBody.ReadAsync(context.Request, settings.Limits.BodyBytes, cancellation);
        if (body is null)
        {
            return Problems.TooLarge($"The body is larger than {settings.Limits.BodyBytes} bytes.");
        }

        var received = time.GetUtcNow();
        var (reader, problem) = Read(body.Value, mediaType, caller, received, await catalogue.RecentAsync(caller.Tenant, cancellation), settings);
        if (problem is null && reader!.Faults.Count > 0)
        {
            // The catalogue in memory may be older than a framework another node has just published.
            (reader, problem) = Read(body.Value, mediaType, caller, received, await catalogue.CurrentAsync(caller.Tenant, cancellation), settings);
        }

        if (problem is not null || reader!.Faults.Count > 0)
        {
            return problem ?? Problems.Unprocessable([.. reader!.Faults.Take(Limits.FaultsListed)]);
        }

        if (ForeignSources(caller, reader.Events) is { } foreign)
        {
            return foreign;
        }

        return await committer.SubmitAsync(new IntakeRequest(caller, reader.Events, received, correlation)) switch
        {
            IntakeOutcome.Recorded recorded => Answer(recorded.Receipts, await Receipt.SignAsync(signer, caller.Tenant, recorded.Receipts)),
            IntakeOutcome.Conflict conflict => Problems.ContentConflict(conflict.Faults),
            _ => Problems.Later(context, 503, "Too much is waiting to be written. Nothing of this request was recorded.", seconds: 1),
        };
    }

    /// <summary>403 when the key may not post for the source of some event, else null.</summary>
    internal static IResult? ForeignSources(Caller caller, IReadOnlyList<PostedEvent> events) =>
        caller.Sources is { } allowed && events.Where(e => !allowed.Contains(e.Source)).Take(Limits.FaultsListed).ToList() is { Count: > 0 } foreign
            ? Problems.Of(403, "source-not-allowed", "This key may not post for that source; refused as a whole.",
                ("errors", foreign.Select(e => new Problems.Fault(e.Index, "source", $"is not among the key's sources ({string.Join(", ", allowed)}).")).ToList()))
            : null;

    private static IResult Answer(IReadOnlyList<Receipt> receipts, string? signed)
    {
        var accepted = receipts.Count(r => r.Status == Receipt.Accepted);
        Telemetry.EventsDuplicate.Add(receipts.Count - accepted);
        return new AnswerJson.Result(new PostEventsAnswer(accepted, receipts.Count - accepted, receipts, signed));
    }

    private static (CloudEventReader? Reader, IResult? Problem) Read(
        ReadOnlyMemory<byte> body, string mediaType, Caller caller, DateTimeOffset received, TenantCatalogue catalogue, LedgerSettings settings)
    {
        var reader = new CloudEventReader(caller.Tenant, received, catalogue);
        var most = settings.Limits.BatchEvents;
        var count = 0;
        try
        {
            foreach (var text in mediaType == Lines ? RequestBody.Lines(body) : [body])
            {
                using var document = JsonDocument.Parse(text, Strict);
                if (mediaType == Batch && document.RootElement.ValueKind != JsonValueKind.Array)
                {
                    return (null, Problems.BadRequest($"{Batch} must be a JSON array of CloudEvents."));
                }

                count += mediaType == Batch ? document.RootElement.GetArrayLength() : 1;
                if (count > most)
                {
                    return (null, Problems.TooLarge($"One request may hold {most} events at most; send several."));
                }

                if (mediaType != Batch)
                {
                    reader.Read(document.RootElement, count - 1);
                    continue;
                }

                var index = 0;
                foreach (var element in document.RootElement.EnumerateArray())
                {
                    reader.Read(element, index++);
                }
            }
        }
        catch (JsonException e)
        {
            var where = mediaType == Lines ? $"Line {count + 1} is" : "The body is";
            return (null, Problems.BadRequest($"{where} not JSON: {e.Message}"));
        }

        return (reader, null);
    }
}
