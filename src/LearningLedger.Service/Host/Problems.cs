using Microsoft.AspNetCore.Mvc;

namespace LearningLedger.Service.Host;

/// <summary>RFC 9457 problem documents: the one place where what went wrong becomes a status and a text.</summary>
public static class Problems
{
    /// <summary>One fault in what was sent.</summary>
    /// <param name="Index">Position of the event in the request, from 0; null outside batches.</param>
    /// <param name="Field">Which field, as a path.</param>
    /// <param name="Message">What is wrong with it.</param>
    /// <param name="EventId">The stored event it conflicts with.</param>
    /// <param name="Line">Number of its line in a stream, from 1.</param>
    public sealed record Fault(int? Index, string Field, string Message, Guid? EventId = null, int? Line = null);

    /// <summary>A type URI that names a kind of problem.</summary>
    public static string TypeOf(string kind) => "urn:learningledger:problem:" + kind;

    /// <summary>A problem document.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="kind">Stable word for programs.</param>
    /// <param name="detail">What is wrong and what to do, for people.</param>
    /// <param name="extensions">Further members.</param>
    public static IResult Of(int status, string kind, string detail, params ReadOnlySpan<(string Name, object? Value)> extensions)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Type = TypeOf(kind),
            Title = Title(status),
            Detail = detail,
        };
        Telemetry.Refused(kind);
        foreach (var (name, value) in extensions)
        {
            problem.Extensions[name] = value;
        }

        return Results.Json(problem, LedgerJson.Options, "application/problem+json", status);
    }

    /// <summary>A refusal of the rules.</summary>
    public static IResult Of(Refusal refusal) => refusal switch
    {
        Refusal.NotFound unknown => Of(404, "not-found", unknown.Message),
        Refusal.Conflict conflict => Conflict(conflict.Message),
        Refusal.Invalid invalid => Unprocessable(invalid.Field, invalid.Message),
        Refusal.Missing missing => Of(422, "rule-not-met", "The milestone's rule is not met.", ("missing", missing.Reasons)),
        Refusal.SeparationOfDuties duties => Forbidden("separation-of-duties", duties.Message),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>400: not JSON, or a time that cannot be.</summary>
    public static IResult BadRequest(string detail) => Of(400, "malformed", detail);

    /// <summary>401: no key, or one that is not known.</summary>
    public static IResult Unauthenticated(string detail) => Of(401, "unauthenticated", detail);

    /// <summary>403: the key lacks a scope.</summary>
    public static IResult MissingScope(string scope) => Of(403, "missing-scope", $"This key lacks the scope {scope}.", ("scope", scope));

    /// <summary>403 for another reason.</summary>
    public static IResult Forbidden(string kind, string detail) => Of(403, kind, detail);

    /// <summary>404: unknown here, or another tenant's.</summary>
    public static IResult NotFound(string what) => Of(404, "not-found", $"{what} is not known here.");

    /// <summary>409: it conflicts with what is stored.</summary>
    public static IResult Conflict(string detail) => Of(409, "conflict", detail);

    /// <summary>409: events whose source and id were already used for other content.</summary>
    public static IResult ContentConflict(IReadOnlyList<Fault> faults) =>
        Of(409, "content-conflict", "Refused as a whole: an event with the same source and id is stored with other content.", ("errors", faults));

    /// <summary>410: the learner was erased by right; nothing more can be said or recorded of them.</summary>
    public static IResult Erased(Guid learner, DateTimeOffset since) =>
        Of(410, "learner-erased", $"Learner {learner:D} was erased.", ("erasedSince", since));

    /// <summary>412: the stream has moved on.</summary>
    public static IResult PreconditionFailed(long current) =>
        Of(412, "precondition-failed", $"If-Match names another version; the stream is at version {current}.", ("version", current));

    /// <summary>413: larger than the limit.</summary>
    public static IResult TooLarge(string detail) => Of(413, "too-large", detail);

    /// <summary>415: a media type this route does not take.</summary>
    public static IResult UnsupportedMediaType(string given, string taken) =>
        Of(415, "unsupported-media-type", $"This route takes {taken}, not '{given}'.");

    /// <summary>422: understood, but not acceptable; every fault is listed.</summary>
    public static IResult Unprocessable(IReadOnlyList<Fault> faults) =>
        Of(422, "invalid", faults.Count == 1 ? $"{faults[0].Field}: {faults[0].Message}" : $"{faults.Count} faults; refused as a whole.", ("errors", faults));

    /// <summary>422 for one field.</summary>
    public static IResult Unprocessable(string field, string message) => Unprocessable([new Fault(null, field, message)]);

    /// <summary>429 or 503: later, please.</summary>
    public static IResult Later(HttpContext context, int status, string detail, int seconds)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Of(status, status == 429 ? "too-many-requests" : "busy", detail);
    }

    private static string Title(int status) => status switch
    {
        400 => "Bad request",
        401 => "Unauthenticated",
        403 => "Forbidden",
        404 => "Not found",
        405 => "Method not allowed",
        406 => "Not acceptable",
        408 => "Request timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition failed",
        413 => "Content too large",
        415 => "Unsupported media type",
        422 => "Unprocessable content",
        429 => "Too many requests",
        501 => "Not implemented",
        503 => "Service unavailable",
        _ => "Internal server error",
    };
}
