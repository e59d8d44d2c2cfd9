using System.Globalization;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Xapi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace LearningLedger.Service.Xapi;

/// <summary>What all xAPI resources share, before a request finds its route: version, alternate request syntax, HEAD, other origins, sandbox.</summary>
public sealed class XapiProtocol(RequestDelegate next, LedgerSettings settings)
{
    /// <summary>Path below which everything is xAPI.</summary>
    public const string Root = "/xapi";

    private const string VersionHeader = "X-Experience-API-Version";

    private static readonly string[] FormHeaders =
    [
        "Authorization", VersionHeader, "Content-Type", "Content-Length", "If-Match", "If-None-Match", "Accept", "Accept-Language", "Accept-Encoding",
    ];

    private readonly XapiVersion fallback = XapiVersions.Parse(settings.Xapi.FallbackVersion)
        ?? throw new LedgerStartException($"Ledger__Xapi__FallbackVersion must be 1.0.x or 2.0.x, not '{settings.Xapi.FallbackVersion}'.");

    private readonly string[] origins = settings.Xapi.AllowedOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Root))
        {
            await next(context);
            return;
        }

        // Whatever is stored here was written by others; a browser must never run it as ours.
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox";
        headers.CacheControl = "no-store";
        headers[VersionHeader] = fallback.Text();
        if (ForeignPage(context))
        {
            return;
        }

        if (await AlternateSyntaxAsync(context) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }

        string? asked = context.Request.Headers[VersionHeader];
        var version = XapiVersions.Parse(asked);
        if (version is null && !(string.IsNullOrEmpty(asked) && context.Request.Path == Root + "/about"))
        {
            await Problems.BadRequest(
                $"The header {VersionHeader} must name a version: {string.Join(" or ", XapiVersions.Spoken)}.").ExecuteAsync(context);
            return;
        }

        headers[VersionHeader] = (version ?? fallback).Text();
        context.Features.Set(new XapiCall(version ?? fallback));
        if (HttpMethods.IsHead(context.Request.Method))
        {
            // The server remembers that it was HEAD and sends no body.
            context.Request.Method = HttpMethods.Get;
        }

        await next(context);
    }

    /// <returns>True when the request was a page's question whether it may ask, and is answered.</returns>
    private bool ForeignPage(HttpContext context)
    {
        string? origin = context.Request.Headers.Origin;
        var allowed = !string.IsNullOrEmpty(origin) && (origins.Contains(origin) || origins.Contains("*"));
        var headers = context.Response.Headers;
        if (allowed)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.Vary = "Origin";
            headers.AccessControlExposeHeaders = $"ETag, Last-Modified, X-Experience-API-Consistent-Through, {VersionHeader}, {StatementReceiptEndpoint.Header}";
        }

        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        if (allowed)
        {
            headers.AccessControlAllowMethods = "GET, HEAD, POST, PUT, DELETE";
            headers.AccessControlAllowHeaders = $"Authorization, Content-Type, If-Match, If-None-Match, Accept-Language, X-Correlation-ID, {VersionHeader}";
            headers.AccessControlMaxAge = "600";
        }

        return true;
    }

    /// <summary>A POST that carries another method, its headers and its body in a form (1.0.3, part 3, section 1.3) becomes what it stands for.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    private async Task<IResult?> AlternateSyntaxAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method) || !request.Query.TryGetValue("method", out var method))
        {
            return null;
        }

        if (XapiVersions.Parse(request.Headers[VersionHeader]) == XapiVersion.Two)
        {
            return Problems.BadRequest("Version 2.0 has no alternate request syntax; send the method itself.");
        }

        if (request.Query.Count != 1 || method.Count != 1 || method[0] is not ("GET" or "PUT" or "POST" or "DELETE" or "HEAD"))
        {
            return Problems.BadRequest("The alternate request syntax takes one parameter in the query, 'method', and all others in the form.");
        }

        if (!request.HasFormContentType || await FormAsync(context) is not { } form)
        {
            return Problems.BadRequest("The alternate request syntax takes a body of application/x-www-form-urlencoded.");
        }

        var query = new List<KeyValuePair<string, StringValues>>();
        request.Headers.ContentType = "application/json";
        foreach (var (name, value) in form.Where(f => f.Key != "content"))
        {
            if (Array.Find(FormHeaders, h => h.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } header)
            {
                request.Headers[header] = value.ToString().ReplaceLineEndings(" ");
            }
            else
            {
                query.Add(new(name, value));
            }
        }

        if (XapiVersions.Parse(request.Headers[VersionHeader]) == XapiVersion.Two)
        {
            return Problems.BadRequest("Version 2.0 has no alternate request syntax; send the method itself.");
        }

        var sends = method[0] is "PUT" or "POST";
        if (sends != form.TryGetValue("content", out var content) || content.Count > 1)
        {
            return Problems.BadRequest(sends ? "The form lacks 'content'." : $"A {method[0]} has no content.");
        }

        var body = Encoding.UTF8.GetBytes(content.ToString());
        request.Method = method[0]!;
        request.QueryString = QueryString.Create(query);
        request.Body = new MemoryStream(body);
        request.Headers.ContentLength = body.Length;
        return null;
    }

    private async Task<Dictionary<string, StringValues>?> FormAsync(HttpContext context)
    {
        var most = settings.Limits.BodyBytes;
        if (await RequestBody.ReadAsync(context.Request, most, context.RequestAborted) is not { } body)
        {
            return null;
        }

        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueLengthLimit = most, KeyLengthLimit = 200, ValueCountLimit = 50 };
            return reader.ReadForm();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>A time as the headers <c>Last-Modified</c> says it.</summary>
    internal static string HttpDate(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);
}
