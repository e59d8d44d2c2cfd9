using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>From where to send again.</summary>
/// <param name="From"><c>start</c>, <c>now</c>, or the time from which on statements were stored.</param>
public sealed record ReplayForward(string? From);

/// <summary>Admins have statements sent again, from any position.</summary>
public static class ReplayForwardEndpoint
{
    /// <summary>Sets the position: 200 with how far it is now; 404 unknown or another tenant's; 422 no position.</summary>
    [WolverinePost("/v1/forwards/{code}/replay"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(string code, HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<ReplayForward>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var from = command!.From == "now" ? await ForwardPosition.NowAsync(connection, cancellation) : command.From is { } text ? ForwardPosition.Read(text) : null;
        if (from is null)
        {
            return Problems.Unprocessable("from", ForwardPosition.Rule);
        }

        var caller = context.Caller();
        await using (var set = new NpgsqlCommand(
            """
            update xapi.forward set sent_stored = $3, sent_id = '00000000-0000-0000-0000-000000000000', generation = generation + 1, failures = 0, breaks = 0, problem = null,
              next_try = clock_timestamp(), changed_by = $4 where tenant = $1 and code = $2
            """,
            connection))
        {
            set.Parameters.Add(new() { Value = caller.Tenant });
            set.Parameters.Add(new() { Value = code });
            set.Parameters.Add(new() { Value = from });
            set.Parameters.Add(new() { Value = caller.Actor });
            await set.ExecuteNonQueryAsync(cancellation);
        }

        return await ForwardView.ReadAsync(connection, caller.Tenant, code, cancellation) is [var one] ? Results.Json(one, LedgerJson.Options) : Problems.NotFound($"Forward {code}");
    }
}
