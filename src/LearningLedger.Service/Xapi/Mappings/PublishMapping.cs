using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Mappings;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary>What publishing a mapping is answered.</summary>
/// <param name="Framework">Code of the framework.</param>
/// <param name="Version">The version it is published as.</param>
/// <param name="Hash">SHA-256 of its RFC 8785 form, 64 hex digits.</param>
public sealed record PublishedMapping(string Framework, int Version, string Hash);

/// <summary>Admins say what xAPI statements mean in a framework, from the next statement on; what was recorded stays as it is.</summary>
public static class PublishMappingEndpoint
{
    /// <summary>
    /// Publishes the next version: 201; 200 when the latest version says the same already; 404 unknown framework; 409 the named version is not the next; 422 with every fault.
    /// </summary>
    [WolverinePost("/v1/frameworks/{code}/mapping"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(
        string code, HttpContext context, CatalogueDecisions decisions, Catalogue catalogue, LedgerSettings settings, CancellationToken cancellation)
    {
        var (body, problem) = await CommandBody.ReadJsonAsync(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        using (body)
        {
            var reading = MappingFile.Read(body!.RootElement);
            var framework = (await catalogue.CurrentAsync(context.Caller().Tenant, cancellation)).FrameworkState(code);
            if (framework.Latest is null)
            {
                return Problems.NotFound($"Framework {code}");
            }

            var faults = reading.Faults.Concat(reading.Definition is { } read && reading.Faults.Count == 0 ? Unknown(read, code, framework) : [])
                .Select(f => new Problems.Fault(null, f.Field, f.Message + ".")).Take(Limits.FaultsListed).ToList();
            if (faults.Count > 0)
            {
                return Problems.Unprocessable(faults);
            }

            var by = DecidedBy.Of(context);
            return Answer(context, code, await decisions.DecideAsync<Mapping, MappingResult>(
                by, LedgerIds.Mapping(by.Tenant, code), code,
                mapping => MappingRules.Publish(mapping?.State ?? MappingState.None, reading.Definition!) switch
                {
                    MappingResult.Published published => (published, published.Event, null),
                    var other => (other, null, null),
                },
                cancellation));
        }
    }

    /// <summary>Codes that no version of the framework has.</summary>
    private static IEnumerable<FieldFault> Unknown(MappingDefinition mapping, string code, FrameworkState framework)
    {
        if (mapping.Framework != code)
        {
            yield return new FieldFault("framework", $"is not '{code}', which the address names");
        }

        var skills = framework.Versions.SelectMany(v => v.Definition.Skills).Select(s => s.Code).ToHashSet();
        var milestones = framework.Versions.SelectMany(v => v.Definition.Milestones).Select(m => m.Code).ToHashSet();
        for (var i = 0; i < mapping.Rules.Count; i++)
        {
            if (!skills.Contains(mapping.Rules[i].Skill))
            {
                yield return new FieldFault($"rules[{i}].skill", $"'{mapping.Rules[i].Skill}' is in no version of the framework");
            }

            if (mapping.Rules[i].Evidence?.Milestone is { } milestone && !milestones.Contains(milestone))
            {
                yield return new FieldFault($"rules[{i}].evidence.milestone", $"'{milestone}' is in no version of the framework");
            }
        }
    }

    private static IResult Answer(HttpContext context, string code, MappingResult? result)
    {
        switch (result)
        {
            case MappingResult.Published { Event: var made }:
                context.Response.Headers.Location = $"/v1/frameworks/{code}/mapping/versions/{made.Mapping.Version}";
                return Results.Json(new PublishedMapping(code, made.Mapping.Version, made.Hash), LedgerJson.Options, statusCode: 201);
            case MappingResult.AlreadyPublished same:
                return Results.Json(new PublishedMapping(code, same.Version, same.Hash), LedgerJson.Options);
            case MappingResult.WrongVersion wrong:
                return Problems.Conflict($"The next version of the mapping of '{code}' is {wrong.Next}, not {wrong.Given}. Leave the version out and it gets the next.");
            default:
                return Problems.Later(context, 503, "Others publish this mapping at the moment.", seconds: 1);
        }
    }
}
