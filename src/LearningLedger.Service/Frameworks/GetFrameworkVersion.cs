using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Frameworks;

/// <summary>One published version of a framework; it never changes.</summary>
public static class GetFrameworkVersionEndpoint
{
    /// <summary>The version; 404 unknown or another tenant's.</summary>
    [WolverineGet("/v1/frameworks/{code}/versions/{version}"), RequiresScope(Scopes.TranscriptsRead, Scopes.Admin)]
    public static async Task<IResult> Get(string code, int version, HttpContext context, Catalogue catalogue, CancellationToken cancellation) =>
        (await catalogue.CurrentAsync(context.Caller().Tenant, cancellation)).Version(code, version) is { } framework
            ? Results.Json(framework, LedgerJson.Options)
            : Problems.NotFound($"Version {version} of framework {code}");
}
