using LearningLedger.Service.Host;
using LearningLedger.Service.Pages.Layout;
using LearningLedger.Service.Store;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LearningLedger.Service.Pages;

/// <summary>Answers people with a page where a program would get a problem document. No detail of the inside leaves the service.</summary>
public sealed class PageErrors(RequestDelegate next, ILogger<PageErrors> log)
{
    /// <summary>Whether a request is for a page.</summary>
    public static bool IsPage(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && TakesHtml(context.Request))
        {
            await ShowAsync(context, 404, "Nothing lies at this address.");
            return;
        }

        try
        {
            await next(context);
            if (IsPage(context) && context.Response is { HasStarted: false, StatusCode: 400, ContentType: null })
            {
                await ShowAsync(context, 400, "The form is no longer valid: the session it was made in has ended. Go back, load the page again and send it once more.");
            }
        }
        catch (Exception e) when (IsPage(context) && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            log.RequestFailed(e, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            await (DatabaseAway.Is(e)
                ? ShowAsync(context, 503, $"{DatabaseAway.Sentence(e)} Try again in a moment.")
                : ShowAsync(context, 500, "Something failed in the service. What you sent may not have been recorded; look before you send it again."));
        }
    }

    /// <summary>Answers with a page that says what is wrong.</summary>
    public static async Task ShowAsync(HttpContext context, int status, string detail)
    {
        // A renderer draws one page; the one of the request may have failed half way.
        await using var scope = context.RequestServices.CreateAsyncScope();
        var services = context.RequestServices;
        context.RequestServices = scope.ServiceProvider;
        try
        {
            context.AnswerWith(status);
            await new RazorComponentResult<ErrorPage>(new { Status = status, Detail = detail }).ExecuteAsync(context);
        }
        finally
        {
            context.RequestServices = services;
        }
    }

    private static bool TakesHtml(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
