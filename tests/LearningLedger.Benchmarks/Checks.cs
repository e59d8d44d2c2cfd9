using System.Diagnostics;
using Npgsql;

namespace LearningLedger.Benchmarks;

/// <summary>What was measured is not what was meant to happen.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);

/// <summary>Events posted = rows stored = events seen by each projection, no duplicates, versions without holes.</summary>
internal static class Checks
{
    // Events the slowest projection still has before it.
    private const string Behind =
        """
        select coalesce((select seq_id from ledger.mt_events order by seq_id desc limit 1), 0)
          - coalesce((select case when count(*) < 2 then 0 else min(last_seq_id) end from ledger.mt_event_progression where name in ('Analytics:All', 'AwardWatch:All')), 0)
        """;

    /// <summary>Counts the streams whose versions are not 1 to their number.</summary>
    public const string Broken =
        """
        select count(*) from ledger.mt_streams s
          full join (select tenant_id, stream_id, min(version) least, max(version) most, count(*) n from ledger.mt_events group by 1, 2) e
            on e.tenant_id = s.tenant_id and e.stream_id = s.id
          where s.id is null or e.stream_id is null or e.least <> 1 or e.most <> e.n or e.most <> s.version
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Waits until every projection has come to the last event, then counts.</summary>
    /// <exception cref="CheckFailedException">Something does not agree.</exception>
    public static async Task AllAsync(Bench bench, CancellationToken cancellation)
    {
        await CaughtUpAsync(bench, cancellation);
        await EqualAsync("attempts stored", "select count(*) from ledger.mt_events where type = 'skill.attempted'", bench.Posted);
        await EqualAsync("distinct event ids", "select count(distinct id) from ledger.mt_events where type = 'skill.attempted'", bench.Posted);
        await EqualAsync("attempts in analytics", "select count(*) from analytics.fact_attempt", bench.Posted);
        await EqualAsync(
            "events and leaves that do not meet",
            "select count(*) from ledger.mt_events e full join (select seq_id from tlog.entry where seq_id is not null) n using (seq_id) where e.id is null or n.seq_id is null",
            0);
        await EqualAsync(
            "streams whose versions are not 1 to their number",
            Broken,
            0);

        async Task EqualAsync(string what, string sql, long expected)
        {
            var found = await bench.AskAsync<long>(sql, cancellation);
            if (found != expected)
            {
                throw new CheckFailedException($"{what}: {found}, expected {expected}");
            }
        }
    }

    /// <summary>Waits until every projection has come to the last event, and every event is logged.</summary>
    public static async Task CaughtUpAsync(Bench bench, CancellationToken cancellation)
    {
        await CaughtUpAsync(bench.Database, cancellation);
        await NoneAsync(bench.Database, "select count(*) from (select from tlog.pending limit 1) p", "the log does not catch up", cancellation);
    }

    /// <summary>Waits until every projection has come to the last event, on any database.</summary>
    public static Task CaughtUpAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        NoneAsync(database, Behind, "the projections do not catch up", cancellation);

    private static async Task NoneAsync(NpgsqlDataSource database, string left, string failure, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        await using var command = database.CreateCommand(left);
        while ((long)(await command.ExecuteScalarAsync(cancellation))! > 0)
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new CheckFailedException(failure);
            }

            await Task.Delay(20, cancellation);
        }
    }
}
