using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary>One published version of a framework's mapping; it never changes.</summary>
public static class GetMappingVersionEndpoint
{
    /// <summary>The version; 404 unknown or another tenant's.</summary>
    [WolverineGet("/v1/frameworks/{code}/mapping/versions/{version}"), RequiresScope(Scopes.TranscriptsRead, Scopes.Admin)]
    public static Task<IResult> Get(string code, int version, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation) =>
        GetMappingEndpoint.ReadAsync(context, database, code, version, cancellation);
}
