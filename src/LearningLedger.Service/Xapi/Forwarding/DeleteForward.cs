using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>Admins end the sending on of statements.</summary>
public static class DeleteForwardEndpoint
{
    /// <summary>Forgets the target, its password and what it refused: 204; 404 unknown or another tenant's.</summary>
    [WolverineDelete("/v1/forwards/{code}"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Delete(string code, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "with gone as (delete from xapi.forward_refused where tenant = $1 and code = $2) delete from xapi.forward where tenant = $1 and code = $2");
        command.Parameters.Add(new() { Value = context.Caller().Tenant });
        command.Parameters.Add(new() { Value = code });
        return await command.ExecuteNonQueryAsync(cancellation) > 0 ? Results.NoContent() : Problems.NotFound($"Forward {code}");
    }
}
