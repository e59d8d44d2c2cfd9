using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>A database login to make.</summary>
/// <param name="Kind"><c>analyst</c> (the default): pseudonymous rows of the tenant. <c>reader</c>: suppressed figures only.</param>
public sealed record MakeAnalyst(string? Kind = null);

/// <summary>The login, its password shown this once.</summary>
/// <param name="Role">Name of the role in PostgreSQL.</param>
/// <param name="Kind">What it sees.</param>
/// <param name="Password">64 hex digits.</param>
/// <param name="Host">Where the database listens, as the service sees it.</param>
/// <param name="Port">Its port.</param>
/// <param name="Database">Its name.</param>
public sealed record MadeAnalyst(string Role, string Kind, string Password, string? Host, int Port, string Database);

/// <summary>Admins give their analysts a login to the database.</summary>
public static class MakeAnalystEndpoint
{
    /// <summary>
    /// Makes the tenant's one login of a kind: 201; 200 when it was there, with a new password; 422; 501 when the service's own role may not make roles, with the
    /// statements for whoever may.
    /// </summary>
    [WolverinePost("/v1/analysts"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<MakeAnalyst>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        var kind = command!.Kind ?? "analyst";
        if (kind is not ("analyst" or "reader"))
        {
            return Problems.Unprocessable("kind", "must be analyst or reader.");
        }

        var caller = context.Caller();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var (role, exists) = await NoteAsync(connection, caller, kind, cancellation);
        var password = AnalystRoles.NewPassword();
        var statement = AnalystRoles.Statement(role, AnalystRoles.Verifier(password), kind, exists);
        try
        {
            await AnalystRoles.EnsureGroupsAsync(connection, cancellation);
            await using var make = new NpgsqlCommand(statement, connection);
            await make.ExecuteNonQueryAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            await transaction.RollbackAsync(cancellation);
            return Problems.Of(
                501, "operator-needed",
                "The role this service runs as may not make roles, which is as it should be. Nothing was changed. Have a superuser of the database carry out 'statement'; then the password is valid.",
                ("role", role), ("password", password),
                ("statement", $"insert into analytics.analyst (role, tenant, kind, created_by) values ('{role}', '{caller.Tenant}', '{kind}', '{caller.Actor}') on conflict (role) do nothing;\n{statement}"));
        }

        context.Response.Headers.Location = $"/v1/analysts/{role}";
        var made = new MadeAnalyst(role, kind, password, connection.Host, connection.Port, connection.Database);
        return Results.Json(made, LedgerJson.Options, statusCode: exists ? 200 : 201);
    }

    /// <summary>The tenant's role of this kind, noted as its own: the one it has, else a new name.</summary>
    private static async Task<(string Role, bool Exists)> NoteAsync(NpgsqlConnection connection, Caller caller, string kind, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            with noted as (
              insert into analytics.analyst as a (role, tenant, kind, created_by) values ($1, $2, $3, $4)
                on conflict (tenant, kind) do update set kind = a.kind returning role)
            select n.role::text, exists (select from pg_roles r where r.rolname = n.role) from noted n
            """,
            connection);
        command.Parameters.Add(new() { Value = AnalystRoles.NewName(caller.Tenant, kind) });
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = caller.Actor });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetString(0), reader.GetBoolean(1));
    }
}
