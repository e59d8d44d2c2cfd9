using LearningLedger.Service.Host;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LearningLedger.Service.Xapi;

/// <summary>Bytes attached to a request.</summary>
/// <param name="Sha2">The hash they came under, verified, lower case.</param>
/// <param name="MediaType">As sent.</param>
/// <param name="Content">The bytes.</param>
public sealed record AttachedBytes(string Sha2, string MediaType, ReadOnlyMemory<byte> Content);

/// <summary>A request's JSON and what is attached to it.</summary>
/// <param name="Json">The JSON.</param>
/// <param name="Attached">The attached bytes by hash; null: the request was plain JSON.</param>
internal sealed record StatementBody(ReadOnlyMemory<byte> Json, IReadOnlyDictionary<string, AttachedBytes>? Attached)
{
    private const int MostParts = 1_000;

    /// <summary>Reads <c>application/json</c> or <c>multipart/mixed</c>.</summary>
    public static async Task<(StatementBody? Body, IResult? Problem)> ReadAsync(HttpContext context, LedgerSettings settings, CancellationToken cancellation)
    {
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed : null;
        var mediaType = type?.MediaType.ToString().ToLowerInvariant();
        if (mediaType is not ("application/json" or "multipart/mixed"))
        {
            return (null, Problems.BadRequest("Content-Type must be application/json or multipart/mixed."));
        }

        if (type!.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return (null, Problems.BadRequest("The charset must be utf-8."));
        }

        if (await RequestBody.ReadAsync(context.Request, settings.Limits.BodyBytes, cancellation) is not { } body)
        {
            return (null, Problems.TooLarge($"The body is larger than {settings.Limits.BodyBytes} bytes."));
        }

        if (mediaType == "application/json")
        {
            return (new StatementBody(body, null), null);
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 70)
        {
            return (null, Problems.BadRequest("multipart/mixed must name a boundary of at most 70 characters."));
        }

        try
        {
            return await PartsAsync(body, boundary, cancellation);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return (null, Problems.BadRequest("The multipart body is broken: " + e.Message));
        }
    }

    private static async Task<(StatementBody? Body, IResult? Problem)> PartsAsync(ReadOnlyMemory<byte> body, string boundary, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(body.ToArray(), writable: false);
        var reader = new MultipartReader(boundary, stream) { HeadersCountLimit = 20, HeadersLengthLimit = 16 * 1024 };
        ReadOnlyMemory<byte>? json = null;
        var attached = new Dictionary<string, AttachedBytes>();
        for (var parts = 0; await reader.ReadNextSectionAsync(cancellation) is { } section; parts++)
        {
            if (parts > MostParts)
            {
                return (null, Problems.BadRequest($"More than {MostParts} parts."));
            }

            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, cancellation);
            var bytes = content.ToArray();
            if (json is null)
            {
                if (section.ContentType?.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase) != true)
                {
                    return (null, Problems.BadRequest("The first part must be application/json."));
                }

                json = bytes;
                continue;
            }

            var (part, wrong) = Attachment(section, bytes);
            if (wrong is not null)
            {
                return (null, Problems.BadRequest($"Part {parts + 1}: {wrong}"));
            }

            attached[part!.Sha2] = part;
        }

        return json is null ? (null, Problems.BadRequest("The multipart body has no parts.")) : (new StatementBody(json.Value, attached), null);
    }

    private static (AttachedBytes? Part, string? Wrong) Attachment(MultipartSection section, byte[] bytes)
    {
        if (section.Headers is not { } headers || !headers.TryGetValue("X-Experience-API-Hash", out var hash) || !LearningLedger.Xapi.XapiText.IsSha2(hash.ToString()))
        {
            return (null, "lacks the header X-Experience-API-Hash with a SHA-2 hash in hex.");
        }

        if (!headers.TryGetValue("Content-Transfer-Encoding", out var encoding) || !encoding.ToString().Equals("binary", StringComparison.OrdinalIgnoreCase))
        {
            return (null, "lacks the header Content-Transfer-Encoding: binary.");
        }

        var sha2 = hash.ToString().ToLowerInvariant();
        return Sha2.Matches(sha2, bytes)
            ? (new AttachedBytes(sha2, section.ContentType is { } given && LearningLedger.Xapi.XapiText.IsMediaType(given) ? given : "application/octet-stream", bytes), null)
            : (null, "its bytes do not have the hash in X-Experience-API-Hash.");
    }
}
