using System.Net;
using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Ends the sessions of one of several services that was suspended while it held what the others need: an open transaction, or the leader's turn.</summary>
/// <remarks>
/// PostgreSQL misses a machine that is gone, but that of a suspended process answers for it. A session that is ended from outside fails, when its service wakes
/// up, in the way of a database that was away, after which projections are started again; by PostgreSQL's own time limit for open transactions they would stop
/// for ever.
/// </remarks>
public sealed class SilentSessions(NpgsqlDataSource database, LedgerSettings settings, TimeProvider time, ILogger<SilentSessions> log) : BackgroundService
{
    // A service that lives looks at its turn every few seconds, and leaves no transaction open for longer than a command may take.
    // Materialized, as the planner may else end whoever it looks at before it looks at all conditions.
    private const string End =
        """
        with silent as materialized (
          select a.pid, a.client_addr, extract(epoch from clock_timestamp() - a.state_change)::float8 as seconds
          from pg_stat_activity a
          where a.datname = current_database() and a.usename = current_user and a.state_change < clock_timestamp() - $1
            and (a.application_name = $2 and a.state like 'idle in transaction%' or a.application_name like 'wolverine-advisory-lock:%' and a.state = 'idle'))
        select pid, client_addr, seconds from silent where pg_terminate_backend(pid)
        """;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Nodes == NodesMode.Several
            ? Rounds.RunAsync(Limits.SignOfLife, time, EndAsync, log.SilentSessionsNotEnded, stoppingToken, atOnce: false)
            : Task.CompletedTask;

    private async Task EndAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(End);
        command.Parameters.Add(new() { Value = Limits.SessionSilent });
        command.Parameters.Add(new() { Value = Database.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            log.SilentSessionEnded(reader.GetInt32(0), reader.IsDBNull(1) ? "a local socket" : reader.GetFieldValue<IPAddress>(1).ToString(), reader.GetDouble(2));
        }
    }
}
