using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>What is known of an activity.</summary>
public static class ActivitiesEndpoint
{
    /// <summary>The activity with the definition that statements gave it; with its id alone when none did.</summary>
    [WolverineGet(XapiProtocol.Root + "/activities"), RequiresScope(Scopes.StatementsRead, Scopes.State, Scopes.Profile)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, TenantKeys keys, CancellationToken cancellation)
    {
        var parameters = new Parameters(context, "activityId");
        var id = parameters.Iri("activityId", required: true);
        if (parameters.Problem is { } problem)
        {
            return problem;
        }

        var tenant = context.Caller().Tenant;
        await using var command = database.CreateCommand("select definition::text from xapi.activity where tenant = $1 and key = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = (await keys.OfAsync(tenant, cancellation)).OfActivity(id!) });
        var activity = new JsonObject { ["objectType"] = "Activity", ["id"] = id };
        if (await command.ExecuteScalarAsync(cancellation) is string definition)
        {
            activity["definition"] = JsonNode.Parse(definition);
        }

        return Results.Json(activity, LedgerJson.Options);
    }
}
