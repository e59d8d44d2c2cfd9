namespace LearningLedger.Service.Pages;

/// <summary>The status of a page that has something to say beside it.</summary>
public static class PageStatus
{
    /// <summary>Sets it at the last moment: a component that sets 404 while it renders is answered without a body.</summary>
    public static void AnswerWith(this HttpContext context, int status) => context.Response.OnStarting(() =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });
}
