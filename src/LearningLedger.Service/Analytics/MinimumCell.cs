using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>Fewest people a figure of the tenant may tell of.</summary>
/// <param name="Minimum">1 to 1,000; 1 hides nothing.</param>
public sealed record MinimumCell(int? Minimum);

/// <summary>Admins see and set the minimum cell of their tenant.</summary>
/// <remarks>The one in force binds every answer, also as of earlier points: raising it protects what was shown before.</remarks>
public static class MinimumCellEndpoint
{
    /// <summary>Largest that can be set.</summary>
    private const int Largest = 1_000;

    /// <summary>What is in force.</summary>
    [WolverineGet("/v1/analytics/minimum-cell"), RequiresScope(Scopes.Admin, Scopes.AnalyticsRead)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return Results.Json(new MinimumCell(await OfAsync(connection, context.Caller().Tenant, settings, cancellation)), LedgerJson.Options);
    }

    /// <summary>Sets it: 200; 422. Who set it when is kept.</summary>
    [WolverinePut("/v1/analytics/minimum-cell"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Put(HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<MinimumCell>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (command!.Minimum is not (>= 1 and <= Largest))
        {
            return Problems.Unprocessable("minimum", $"is required, a whole number from 1 to {Largest}.");
        }

        var caller = context.Caller();
        await using var set = database.CreateCommand(
            $"""
            insert into registry.minimum_cell (tenant, minimum, set_by) select $1, $2, $3
              where $2 is distinct from {Own("$1")}
            """);
        set.Parameters.Add(new() { Value = caller.Tenant });
        set.Parameters.Add(new() { Value = command.Minimum.Value });
        set.Parameters.Add(new() { Value = caller.Actor });
        await set.ExecuteNonQueryAsync(cancellation);
        return Results.Json(command, LedgerJson.Options);
    }

    /// <summary>SQL of what a tenant has set; null: nothing.</summary>
    /// <param name="tenant">SQL of the tenant.</param>
    internal static string Own(string tenant) => $"(select m.minimum from registry.minimum_cell m where m.tenant = {tenant} order by m.set_at desc limit 1)";

    /// <summary>What is in force for a tenant.</summary>
    internal static async Task<int> OfAsync(NpgsqlConnection connection, string tenant, LedgerSettings settings, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select " + Own("$1"), connection);
        command.Parameters.Add(new() { Value = tenant });
        return await command.ExecuteScalarAsync(cancellation) is int own ? own : settings.Analytics.MinimumCell;
    }
}
