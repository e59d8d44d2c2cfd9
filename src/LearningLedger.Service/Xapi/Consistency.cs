using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>Up to which time what a reader sees is complete.</summary>
internal static class Consistency
{
    /// <summary>
    /// Asked before the statements are read: the beginning of the oldest transaction that is storing statements of the tenant now, else now. Whoever
    /// begins later gives its statements a later <c>stored</c>, and whoever had ended is seen by the query that follows.
    /// </summary>
    public static NpgsqlBatchCommand Command(string tenant)
    {
        var turn = string.Format(System.Globalization.CultureInfo.InvariantCulture, StatementIndex.Turn, "$1");
        var command = new NpgsqlBatchCommand(
            $"""
            select least(statement_timestamp(), (
              select min(a.xact_start) from pg_locks l join pg_stat_activity a on a.pid = l.pid
                where l.locktype = 'advisory' and l.objsubid = 1 and l.database = (select oid from pg_database where datname = current_database())
                  and (l.classid::bigint << 32 | l.objid::bigint) = {turn}))
            """);
        command.Parameters.Add(new() { Value = tenant });
        return command;
    }

    /// <summary>Says it in the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="row">Stands on the row of <see cref="Command"/>.</param>
    public static DateTimeOffset Announce(HttpContext context, NpgsqlDataReader row)
    {
        var complete = row.GetFieldValue<DateTimeOffset>(0);
        context.Response.Headers["X-Experience-API-Consistent-Through"] = LedgerJson.Text(complete);
        return complete;
    }

    /// <summary>Asks, and says it in an answer without statements: the specification wants it in every answer to a GET.</summary>
    public static async Task AnnounceAsync(HttpContext context, NpgsqlDataSource database, string tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(tenant));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        Announce(context, reader);
    }
}
