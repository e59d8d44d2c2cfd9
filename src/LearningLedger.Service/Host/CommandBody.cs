using System.Text.Json;

namespace LearningLedger.Service.Host;

/// <summary>Reads the JSON body of a command.</summary>
public static class CommandBody
{
    private static readonly JsonSerializerOptions Strict = new(LedgerJson.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>The command, or the problem with it: 413, 415, 400 for what is not JSON, 422 for JSON of another shape.</summary>
    public static async Task<(T? Command, IResult? Problem)> ReadAsync<T>(HttpContext context, LedgerSettings settings, CancellationToken cancellation)
        where T : class
    {
        var (document, problem) = await ReadJsonAsync(context, settings, cancellation);
        if (problem is not null)
        {
            return (null, problem);
        }

        using (document)
        {
            try
            {
                return document!.RootElement.Deserialize<T>(Strict) is { } command ? (command, null) : (null, Problems.Unprocessable("$", "must be a JSON object."));
            }
            catch (JsonException e)
            {
                var field = e.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "$";
                return (null, Problems.Unprocessable(field, e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "is not a field of this command." : "is not of the kind this field takes."));
            }
        }
    }

    /// <summary>The body as JSON, or the problem with it: 413, 415, 400.</summary>
    public static async Task<(JsonDocument? Document, IResult? Problem)> ReadJsonAsync(HttpContext context, LedgerSettings settings, CancellationToken cancellation)
    {
        if (!context.Request.HasJsonContentType())
        {
            return (null, Problems.UnsupportedMediaType(context.Request.ContentType ?? "", "application/json"));
        }

        if (await RequestBody.ReadAsync(context.Request, settings.Limits.BodyBytes, cancellation) is not { } body)
        {
            return (null, Problems.TooLarge($"The body is larger than {settings.Limits.BodyBytes} bytes."));
        }

        try
        {
            return (JsonDocument.Parse(body, new() { MaxDepth = 64, AllowDuplicateProperties = false }), null);
        }
        catch (JsonException e)
        {
            return (null, Problems.BadRequest("The body is not JSON: " + e.Message));
        }
    }
}
