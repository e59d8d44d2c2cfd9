using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Frameworks;

/// <summary>One framework, the latest version.</summary>
public static class GetFrameworkEndpoint
{
    /// <summary>The latest version, retired or not; 404 unknown or another tenant's.</summary>
    [WolverineGet("/v1/frameworks/{code}"), RequiresScope(Scopes.TranscriptsRead, Scopes.Admin)]
    public static async Task<IResult> Get(string code, HttpContext context, Catalogue catalogue, CancellationToken cancellation) =>
        (await catalogue.CurrentAsync(context.Caller().Tenant, cancellation)).Latest(code) is { } framework
            ? Results.Json(framework, LedgerJson.Options)
            : Problems.NotFound($"Framework {code}");
}
