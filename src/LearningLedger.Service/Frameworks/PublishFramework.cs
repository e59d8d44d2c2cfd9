using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Frameworks;

/// <summary>What publishing is answered.</summary>
/// <param name="Code">The framework.</param>
/// <param name="Version">The version it is published as.</param>
/// <param name="Hash">SHA-256 of its RFC 8785 form, 64 hex digits.</param>
public sealed record PublishedFramework(string Code, int Version, string Hash);

/// <summary>Admins publish frameworks; a version never changes once published.</summary>
public static class PublishFrameworkEndpoint
{
    /// <summary>Publishes the next version: 201; 200 when the latest version says the same already; 409 retired, or the named version is not the next; 422 with every fault.</summary>
    [WolverinePost("/v1/frameworks"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(HttpContext context, CatalogueDecisions decisions, LedgerSettings settings, CancellationToken cancellation)
    {
        var (body, problem) = await CommandBody.ReadJsonAsync(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        using (body)
        {
            var reading = FrameworkFile.Read(body!.RootElement);
            return reading.Faults.Count > 0
                ? Problems.Unprocessable([.. reading.Faults.Select(f => new Problems.Fault(null, f.Field, f.Message + "."))])
                : Answer(context, reading.Definition!.Code, await decisions.PublishAsync(DecidedBy.Of(context), reading.Definition!, cancellation));
        }
    }

    /// <summary>Publishes a definition.</summary>
    /// <returns>What came of it; null when others published without pause.</returns>
    public static Task<PublishResult?> PublishAsync(this CatalogueDecisions decisions, DecidedBy by, FrameworkDefinition definition, CancellationToken cancellation) =>
        decisions.DecideAsync<Store.Framework, PublishResult>(
            by, LedgerIds.Framework(by.Tenant, definition.Code), definition.Code,
            framework => FrameworkRules.Publish(framework?.State ?? FrameworkState.None, definition) switch
            {
                PublishResult.Published published => (published, published.Event, null),
                var other => (other, null, null),
            },
            cancellation);

    private static IResult Answer(HttpContext context, string code, PublishResult? result)
    {
        switch (result)
        {
            case PublishResult.Published { Event: var made }:
                context.Response.Headers.Location = $"/v1/frameworks/{code}/versions/{made.Definition.Version}";
                return Results.Json(new PublishedFramework(code, made.Definition.Version, made.Hash), LedgerJson.Options, statusCode: 201);
            case PublishResult.AlreadyPublished same:
                return Results.Json(new PublishedFramework(code, same.Version, same.Hash), LedgerJson.Options);
            case PublishResult.WrongVersion wrong:
                return Problems.Conflict($"The next version of '{code}' is {wrong.Next}, not {wrong.Given}. Leave the version out and it gets the next.");
            case PublishResult.Retired:
                return Problems.Conflict($"Framework '{code}' is retired.");
            case PublishResult.Invalid invalid:
                return Problems.Unprocessable([.. invalid.Faults.Select(f => new Problems.Fault(null, f.Field, f.Message + "."))]);
            default:
                return Problems.Later(context, 503, "Others publish this framework at the moment.", seconds: 1);
        }
    }
}
