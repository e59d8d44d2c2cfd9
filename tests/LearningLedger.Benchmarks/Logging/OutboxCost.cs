using System.Diagnostics;
using Npgsql;

namespace LearningLedger.Benchmarks.Logging;

/// <summary>
/// Single appends by the service's own SQL function, a commit for each, with and without the trigger that notes them for the log. No service runs: what the log does
/// with the notes is another matter.
/// </summary>
internal static class OutboxCost
{
    private const int Clients = 8;

    private const string Append =
        """
        select fresh from ledger.append_facts(
          array['default'], array[$1], array['learner'], array[1], array[gen_random_uuid()], array[1], array[1], array['skill.attempted'], array[$2], array[$3::jsonb], array[$4::jsonb],
          array[null::text], array[null::text], array[null::text])
        """;

    /// <summary>Appends a second with the trigger, and without.</summary>
    /// <exception cref="CheckFailedException">An append did not happen, or was not noted.</exception>
    public static async Task<IReadOnlyList<(double, double)>> TakeAsync(NpgsqlDataSource database, Sizes size, CancellationToken cancellation)
    {
        var like = await LikeAsync(database, cancellation);
        var rounds = new List<(double, double)>();
        for (var i = 0; i <= size.Rounds; i++)
        {
            // In turns: whatever goes to the one that comes first is not always the same one's.
            var isNotedFirst = i % 2 == 0;
            var first = await RateAsync(database, like, size.Seconds, isNotedFirst, cancellation);
            var second = await RateAsync(database, like, size.Seconds, !isNotedFirst, cancellation);
            if (i > 0) // the first warms up
            {
                rounds.Add(isNotedFirst ? (first, second) : (second, first));
            }
        }

        return rounds;
    }

    /// <summary>An event as the service stores it, and as many streams as there are.</summary>
    private static async Task<(string DotNetType, string Data, string Headers, Guid[] Streams)> LikeAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select mt_dotnet_type, data::text, headers::text, (select array_agg(id) from ledger.mt_streams where type = 'learner' and tenant_id = 'default')
              from ledger.mt_events where type = 'skill.attempted' and tenant_id = 'default' order by seq_id desc limit 1
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<Guid[]>(3));
    }

    private static async Task<double> RateAsync(
        NpgsqlDataSource database, (string DotNetType, string Data, string Headers, Guid[] Streams) like, int seconds, bool isNoted, CancellationToken cancellation)
    {
        await DoAsync(database, $"truncate tlog.pending; alter table ledger.mt_events {(isNoted ? "enable" : "disable")} trigger note_appended; checkpoint", cancellation);
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
            async () =>
            {
                await using var connection = await database.OpenConnectionAsync(cancellation);
                await using var command = new NpgsqlCommand(Append, connection)
                {
                    Parameters = { new() { Value = Guid.Empty }, new() { Value = like.DotNetType }, new() { Value = like.Data }, new() { Value = like.Headers } },
                };
                await command.PrepareAsync(cancellation);
                var count = 0;
                for (; Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; count++)
                {
                    command.Parameters[0].Value = like.Streams[((count * Clients) + client) % like.Streams.Length]; // no two clients want one stream at once
                    await command.ExecuteNonQueryAsync(cancellation);
                }

                return count;
            },
            cancellation)));
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await using var noted = database.CreateCommand("select coalesce(sum(cardinality(seqs)), 0)::bigint from tlog.pending");
        return (long)(await noted.ExecuteScalarAsync(cancellation))! == (isNoted ? counts.Sum() : 0)
            ? counts.Sum() / elapsed
            : throw new CheckFailedException("the outbox does not hold what was appended");
    }

    private static async Task DoAsync(NpgsqlDataSource database, string sql, CancellationToken cancellation)
    {
        foreach (var statement in sql.Split(';'))
        {
            await using var command = database.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
