using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>Notes what became of what was sent. Nothing is noted of a target an admin has changed meanwhile: then it is sent again.</summary>
internal static class ForwardNotes
{
    private const string Same = "tenant = $1 and code = $2 and generation = $3";

    /// <summary>All up to a statement is dealt with.</summary>
    /// <returns>Whether the target is still the same.</returns>
    public static async Task<bool> AdvanceAsync(
        NpgsqlConnection connection, Forward forward, (DateTimeOffset Stored, Guid Id) to, int sent, CancellationToken cancellation) =>
        await ExecuteAsync(
            connection, $"update xapi.forward set sent_stored = $4, sent_id = $5, sent = sent + $6, failures = 0, breaks = 0, problem = null where {Same}", cancellation,
            forward.Tenant, forward.Code, forward.Generation, to.Stored, to.Id, sent) > 0;

    /// <summary>A try came to nothing; the next comes after a while.</summary>
    public static Task WaitAsync(NpgsqlConnection connection, Forward forward, string problem, bool broke, TimeSpan wait, CancellationToken cancellation) => ExecuteAsync(
        connection,
        $"""
        update xapi.forward set failures = failures + 1, breaks = case when $5 then breaks + 1 else 0 end, problem = $4, next_try = clock_timestamp() + $6 where {Same}
        """,
        cancellation, forward.Tenant, forward.Code, forward.Generation, problem, broke, wait);

    /// <summary>The target does not take a statement.</summary>
    public static Task RefusedAsync(NpgsqlConnection connection, Forward forward, (DateTimeOffset Stored, Guid Id) statement, string problem, CancellationToken cancellation) =>
        ExecuteAsync(
            connection,
            """
            insert into xapi.forward_refused (tenant, code, id, stored, problem) select f.tenant, f.code, $4, $5, $6
                from xapi.forward f where f.tenant = $1 and f.code = $2 and f.generation = $3
              on conflict (tenant, code, id) do update set problem = excluded.problem, refused_at = clock_timestamp(), again = false
            """,
            cancellation, forward.Tenant, forward.Code, forward.Generation, statement.Id, statement.Stored, problem);

    /// <summary>The target took a statement it had refused.</summary>
    public static Task TakenAsync(NpgsqlConnection connection, Forward forward, Guid statement, CancellationToken cancellation) => ExecuteAsync(
        connection, "delete from xapi.forward_refused where tenant = $1 and code = $2 and id = $3", cancellation, forward.Tenant, forward.Code, statement);

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
