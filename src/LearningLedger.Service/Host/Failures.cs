using LearningLedger.Service.Store;

namespace LearningLedger.Service.Host;

/// <summary>Turns what an endpoint throws, and bare status codes, into problem documents. No detail of the inside leaves the service.</summary>
public sealed class Failures(RequestDelegate next, ILogger<Failures> log)
{
    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405 or 415 or 400, ContentLength: null, ContentType: null })
            {
                await Bare(context).ExecuteAsync(context);
            }
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await (e.StatusCode switch
            {
                413 => Problems.TooLarge(e.Message),
                503 => Problems.Later(context, 503, e.Message, seconds: 1),
                _ => Problems.BadRequest(e.Message),
            }).ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody hears an answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            log.RequestFailed(e, context.Request.Method, context.Request.Path);
            await (DatabaseAway.Is(e)
                ? Problems.Later(context, 503, $"{DatabaseAway.Sentence(e)} What was not acknowledged may be sent again.", seconds: 2)
                : Problems.Of(500, "internal", "Something failed in the service. What was not acknowledged may be sent again.")).ExecuteAsync(context);
        }
    }

    private static IResult Bare(HttpContext context) => context.Response.StatusCode switch
    {
        404 => Problems.NotFound($"{context.Request.Method} {context.Request.Path}"),
        405 => Problems.Of(405, "method-not-allowed", $"{context.Request.Method} is not taken here."),
        415 => Problems.UnsupportedMediaType(context.Request.ContentType ?? "", "another media type"),
        _ => Problems.BadRequest("The request cannot be read."),
    };
}
