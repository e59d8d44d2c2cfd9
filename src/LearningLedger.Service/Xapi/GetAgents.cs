using System.Text.Json;
using LearningLedger.Service.Host;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Who an agent is.</summary>
public static class AgentsEndpoint
{
    /// <summary>The Person behind an agent. It says of the agent what the request says: this store tells nobody the identifiers of a person.</summary>
    [WolverineGet(XapiProtocol.Root + "/agents"), RequiresScope(Scopes.StatementsRead, Scopes.Profile)]
    public static IResult Get(HttpContext context)
    {
        var parameters = new Parameters(context, "agent");
        var agent = parameters.Agent("agent", required: true);
        if (parameters.Problem is { } problem)
        {
            return problem;
        }

        var person = new Dictionary<string, object> { ["objectType"] = "Person" };
        foreach (var member in agent!.Value.EnumerateObject().Where(m => m.Name is not ("objectType" or "member")))
        {
            person[member.Name] = new JsonElement[] { member.Value };
        }

        return Results.Json(person, LedgerJson.Options);
    }
}
