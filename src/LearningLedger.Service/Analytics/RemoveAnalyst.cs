using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>The database logins of the caller's tenant.</summary>
/// <param name="Analysts">By role; never a password.</param>
public sealed record AnalystList(IReadOnlyList<AnalystLogin> Analysts);

/// <summary>One of them.</summary>
/// <param name="Role">Name of the role in PostgreSQL.</param>
/// <param name="Kind">analyst or reader.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
public sealed record AnalystLogin(string Role, string Kind, DateTimeOffset CreatedAt, string CreatedBy);

/// <summary>Admins list and remove database logins.</summary>
public static class RemoveAnalystEndpoint
{
    /// <summary>The logins.</summary>
    [WolverineGet("/v1/analysts"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select role::text, kind, created_at, created_by from analytics.analyst where tenant = $1 order by role");
        command.Parameters.Add(new() { Value = context.Caller().Tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var logins = new List<AnalystLogin>();
        while (await reader.ReadAsync(cancellation))
        {
            logins.Add(new AnalystLogin(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3)));
        }

        return Results.Json(new AnalystList(logins), LedgerJson.Options);
    }

    /// <summary>
    /// Takes a login away: 204; 404. From then on it sees no row, also where sessions of it are open and where this service may not drop roles.
    /// </summary>
    [WolverineDelete("/v1/analysts/{role}"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Delete(string role, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using (var remove = new NpgsqlCommand("delete from analytics.analyst where tenant = $1 and role = $2", connection))
        {
            remove.Parameters.Add(new() { Value = context.Caller().Tenant });
            remove.Parameters.Add(new() { Value = role });
            if (await remove.ExecuteNonQueryAsync(cancellation) == 0)
            {
                return Problems.NotFound($"Role {role}");
            }
        }

        try
        {
            // The name comes from our own table, so it is one we made.
            await using var drop = new NpgsqlCommand($"drop role if exists \"{role}\"", connection);
            await drop.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Without its row it sees nothing; the role itself is left to whoever made it.
        }

        return Results.NoContent();
    }
}
