using LearningLedger.Service.Host;

namespace LearningLedger.Service.Pages;

/// <summary>What every HTML answer tells the browser to refuse: script, style, frame or form target of anybody else, and anything inline.</summary>
public sealed class PageHeaders(RequestDelegate next)
{
    /// <summary>The policy. The pages need no inline script and no style attribute; SVG is drawn with attributes and classes.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>Runs the rest of the pipeline.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(
            static state =>
            {
                var (request, response) = (((HttpContext)state).Request, ((HttpContext)state).Response);

                // What others stored and get back as HTML says for itself, more strictly, what it may do.
                if (response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) is true && !ApiDescription.IsForBrowsers(request.Path)
                    && response.Headers.ContentSecurityPolicy.Count == 0)
                {
                    response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                    response.Headers.XContentTypeOptions = "nosniff";
                    response.Headers["Referrer-Policy"] = "same-origin";
                    response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
                    response.Headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
