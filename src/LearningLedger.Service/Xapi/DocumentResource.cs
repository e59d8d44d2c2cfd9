using LearningLedger.Service.Host;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>What the three document resources have in common.</summary>
internal static class DocumentResource
{
    private const int LongestMediaType = 400;

    /// <summary>The document; the ids of all when the request names none.</summary>
    public static async Task<IResult> GetAsync(
        HttpContext context, Documents documents, Task<(DocumentAddress? At, Parameters Parameters)> address, TimeProvider time, CancellationToken cancellation)
    {
        var (at, parameters) = await address;
        var since = parameters.Time("since");
        if (parameters.Problem is { } problem)
        {
            return problem;
        }

        if (at!.Id.Length == 0)
        {
            context.Response.Headers.LastModified = XapiProtocol.HttpDate(time.GetUtcNow());
            return Results.Json(await documents.ListAsync(at, parameters.Uuid("registration"), since, cancellation), LedgerJson.Options);
        }

        if (await documents.FindAsync(at, cancellation) is not { } found)
        {
            return Problems.NotFound("This document");
        }

        var headers = context.Response.Headers;
        headers.ETag = found.ETag;
        headers.LastModified = XapiProtocol.HttpDate(found.Updated);
        headers.ContentDisposition = "attachment";
        return Results.Bytes(found.Content, found.MediaType);
    }

    /// <summary>PUT: replaces it.</summary>
    public static async Task<IResult> PutAsync(
        HttpContext context, Documents documents, Task<(DocumentAddress? At, Parameters Parameters)> address, LedgerSettings settings, CancellationToken cancellation)
    {
        var (at, parameters) = await address;
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (content, mediaType, problem) = await BodyAsync(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (Documents.IsJson(mediaType))
        {
            using var document = XapiJson.Read(content, out var wrong);
            if (document is null)
            {
                return Problems.BadRequest(wrong);
            }
        }

        var version = context.Xapi().Version;
        return Answer(await documents.ChangeAsync(at!, existing => PutRule(context, version, at!.Kind, existing) is var rule and not DocumentOutcome.Done
            ? (rule, null, null)
            : (DocumentOutcome.Done, mediaType, content), cancellation));
    }

    /// <summary>POST: merges it into the one that is there, or is a PUT where there is none.</summary>
    public static async Task<IResult> PostAsync(
        HttpContext context, Documents documents, Task<(DocumentAddress? At, Parameters Parameters)> address, LedgerSettings settings, CancellationToken cancellation)
    {
        var (at, parameters) = await address;
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (content, mediaType, problem) = await BodyAsync(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (Documents.IsJson(mediaType) && !JsonMerge.IsObject(content))
        {
            return Problems.BadRequest("The body must be a JSON object.");
        }

        return Answer(await documents.ChangeAsync(at!, existing =>
        {
            if (!Preconditions.Hold(context.Request, existing?.ETag))
            {
                return (DocumentOutcome.PreconditionFailed, null, null);
            }

            if (existing is null)
            {
                return (DocumentOutcome.Done, mediaType, content);
            }

            return existing.IsJson && Documents.IsJson(mediaType) && JsonMerge.Of(existing.Content, content) is { } merged
                ? (DocumentOutcome.Done, existing.MediaType, merged)
                : (DocumentOutcome.NotMergeable, null, null);
        }, cancellation));
    }

    /// <summary>DELETE: removes it, if it is there; all when the request names none.</summary>
    public static async Task<IResult> DeleteAsync(
        HttpContext context, Documents documents, Task<(DocumentAddress? At, Parameters Parameters)> address, CancellationToken cancellation)
    {
        var (at, parameters) = await address;
        if (parameters.Problem is { } problem)
        {
            return problem;
        }

        if (at!.Id.Length == 0)
        {
            await documents.RemoveAllAsync(at, parameters.Uuid("registration"), cancellation);
            return Results.NoContent();
        }

        return Answer(await documents.ChangeAsync(
            at, existing => (Preconditions.Hold(context.Request, existing?.ETag) ? DocumentOutcome.Done : DocumentOutcome.PreconditionFailed, null, null), cancellation));
    }

    private static DocumentOutcome PutRule(HttpContext context, XapiVersion version, string kind, StoredDocument? existing)
    {
        if (Preconditions.Given(context.Request))
        {
            return Preconditions.Hold(context.Request, existing?.ETag) ? DocumentOutcome.Done : DocumentOutcome.PreconditionFailed;
        }

        // Version 1.0 protects profiles only, and those always; 2.0 all documents, once they are there.
        if (version == XapiVersion.One)
        {
            return kind == Documents.State ? DocumentOutcome.Done : existing is null ? DocumentOutcome.PreconditionMissing : DocumentOutcome.Exists;
        }

        return existing is null ? DocumentOutcome.Done : DocumentOutcome.Exists;
    }

    private static async Task<(byte[] Content, string MediaType, IResult? Problem)> BodyAsync(HttpContext context, LedgerSettings settings, CancellationToken cancellation)
    {
        var body = await RequestBody.ReadAsync(context.Request, settings.Limits.BodyBytes, cancellation);
        var mediaType = context.Request.ContentType ?? "application/octet-stream";
        return body is null ? ([], "", Problems.TooLarge($"The body is larger than {settings.Limits.BodyBytes} bytes."))
            : mediaType.Length > LongestMediaType || !XapiText.IsMediaType(mediaType) ? ([], "", Problems.BadRequest("Content-Type must be a media type."))
            : (body.Value.ToArray(), mediaType, null);
    }

    private static IResult Answer(DocumentOutcome outcome) => outcome switch
    {
        DocumentOutcome.Done => Results.NoContent(),
        DocumentOutcome.PreconditionFailed => Problems.Of(412, "precondition-failed", "The document is not in the state that If-Match or If-None-Match names."),
        DocumentOutcome.Exists => Problems.Conflict("The document exists. Send If-Match with its ETag to replace it, or If-None-Match: * to make it only when there is none."),
        DocumentOutcome.PreconditionMissing => Problems.BadRequest("Send If-Match with the document's ETag to replace it, or If-None-Match: * to make it."),
        _ => Problems.BadRequest("Only a JSON object can be merged, and only into a JSON object; send PUT to replace the document."),
    };
}
