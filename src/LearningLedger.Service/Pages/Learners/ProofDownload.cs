using LearningLedger.Service.Host;
using LearningLedger.Service.Pages.Session;
using Microsoft.AspNetCore.Authorization;

namespace LearningLedger.Service.Pages.Learners;

/// <summary>The proof bundle of a transcript as a file, for who is signed in: the API's own bytes, asked for with their key.</summary>
public static class ProofDownload
{
    // A signed checkpoint comes within a second or two: whoever clicked would rather wait than come back. Who asks to wait is also given the log's next
    // heads leaf if it comes in that time, so only who must wait asks.
    private const string Patience = "wait=5";

    /// <summary>Where it lies.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="sequence">The point of the ledger.</param>
    public static string Path(Guid learner, long sequence) => $"/learners/{learner:D}/proof?asOf=seq:{sequence}";

    /// <summary>Maps it, open to the session cookie of a key with the scope audit:read.</summary>
    public static void Map(WebApplication app) => app.MapGet("/learners/{learner:guid}/proof", GetAsync).ExcludeFromDescription()
        .RequireAuthorization(new AuthorizationPolicyBuilder(PageSession.Scheme).RequireAuthenticatedUser().Build())
        .RequireAuthorization(new RequiresScopeAttribute(Scopes.AuditRead));

    private static async Task GetAsync(Guid learner, HttpContext context, OwnApi api)
    {
        string? asOf = context.Request.Query["asOf"];
        var path = $"/v1/learners/{learner:D}/transcript?format=proof{(string.IsNullOrEmpty(asOf) ? "" : "&asOf=" + Uri.EscapeDataString(asOf))}";
        var answer = await api.GetAsync(context, path);
        if (answer.Status == StatusCodes.Status202Accepted)
        {
            answer = await api.GetAsync(context, path, Patience);
        }

        switch (answer.Status)
        {
            case StatusCodes.Status200OK:
                context.Response.Headers.CacheControl = "no-store";
                context.Response.Headers.XContentTypeOptions = "nosniff";
                await Results.File(answer.Body, "application/json", $"{learner:D}.llproof").ExecuteAsync(context);
                break;
            case StatusCodes.Status202Accepted:
                await PageErrors.ShowAsync(context, 503, "No signed checkpoint covers all of the learner's events yet. Try again in a moment.");
                break;
            default:
                await PageErrors.ShowAsync(context, answer.Status, answer.Problem);
                break;
        }
    }
}
