using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Frameworks;

/// <summary>A framework in the list.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Version">Its latest version.</param>
/// <param name="Title">For people.</param>
/// <param name="Milestones">How many milestones that version has.</param>
public sealed record FrameworkEntry(string Code, int Version, string Title, int Milestones);

/// <summary>The frameworks in force.</summary>
/// <param name="Frameworks">By code; retired ones are left out.</param>
public sealed record FrameworkList(IReadOnlyList<FrameworkEntry> Frameworks);

/// <summary>What a tenant judges by.</summary>
public static class ListFrameworksEndpoint
{
    /// <summary>The latest version of each framework that is not retired.</summary>
    [WolverineGet("/v1/frameworks"), RequiresScope(Scopes.TranscriptsRead, Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, Catalogue catalogue, CancellationToken cancellation)
    {
        var known = await catalogue.CurrentAsync(context.Caller().Tenant, cancellation);
        return Results.Json(
            new FrameworkList([.. known.Current.Select(f => new FrameworkEntry(f.Code, f.Version, f.Title, f.Milestones.Count))]), LedgerJson.Options);
    }
}
