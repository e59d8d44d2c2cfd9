using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary>What xAPI statements mean in a framework, the latest version.</summary>
public static class GetMappingEndpoint
{
    /// <summary>The latest version; 404 no mapping was ever published, or another tenant's.</summary>
    [WolverineGet("/v1/frameworks/{code}/mapping"), RequiresScope(Scopes.TranscriptsRead, Scopes.Admin)]
    public static Task<IResult> Get(string code, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation) =>
        ReadAsync(context, database, code, version: null, cancellation);

    /// <summary>A version, or the latest, from its stream: there it is the event of that number.</summary>
    internal static async Task<IResult> ReadAsync(HttpContext context, NpgsqlDataSource database, string code, int? version, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select data::text from ledger.mt_events where tenant_id = $1 and stream_id = $2 and ($3::int is null or version = $3) order by version desc limit 1");
        var tenant = context.Caller().Tenant;
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = LedgerIds.Mapping(tenant, code) });
        command.Parameters.Add(new() { Value = version ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });
        return await command.ExecuteScalarAsync(cancellation) is string text
            ? Results.Json(JsonSerializer.Deserialize<MappingPublished>(text, LedgerJson.Options)!.Mapping, LedgerJson.Options)
            : Problems.NotFound(version is null ? $"A mapping of framework {code}" : $"Version {version} of the mapping of framework {code}");
    }
}
