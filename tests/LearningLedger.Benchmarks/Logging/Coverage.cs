using HdrHistogram;
using Npgsql;

namespace LearningLedger.Benchmarks.Logging;

/// <summary>Watches how far signed checkpoints reach, and tells afterwards how long each event waited for one, by the database's clock.</summary>
internal sealed class Coverage : IAsyncDisposable
{
    private const string Look = "select clock_timestamp(), (select max(checkpoint_size) from tlog.log)";
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly NpgsqlDataSource database;
    private readonly CancellationTokenSource stop = new();
    private readonly List<(DateTime At, long Size)> seen = [];
    private readonly Task watching;

    private Coverage(NpgsqlDataSource database)
    {
        this.database = database;
        watching = WatchAsync();
    }

    /// <summary>Begins.</summary>
    public static async Task<Coverage> WatchAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var coverage = new Coverage(database);
        while (coverage.seen.Count == 0)
        {
            await Task.Delay(Glance, cancellation);
        }

        return coverage;
    }

    /// <summary>99 of 100 events recorded since it began were covered within this many milliseconds.</summary>
    /// <exception cref="CheckFailedException">Fewer than expected were covered.</exception>
    public async Task<double> P99MsAsync(long expected, CancellationToken cancellation)
    {
        await stop.CancelAsync();
        await watching;
        var (began, from) = seen[0];
        var waits = new LongHistogram(600_000_000, 3);
        var next = 0;
        await using var command = database.CreateCommand(
            "select n.leaf_index, e.timestamp from tlog.entry n join ledger.mt_events e on e.seq_id = n.seq_id where n.leaf_index >= $1 and e.type = 'skill.attempted' order by n.leaf_index");
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            while (next < seen.Count && seen[next].Size <= reader.GetInt64(0))
            {
                next++;
            }

            if (next < seen.Count && reader.GetDateTime(1) >= began)
            {
                waits.RecordValue((long)(seen[next].At - reader.GetDateTime(1)).TotalMicroseconds);
            }
        }

        return waits.TotalCount == expected ? waits.GetValueAtPercentile(99) / 1000.0 : throw new CheckFailedException($"{waits.TotalCount} of {expected} events were seen to be covered");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
    }

    private async Task WatchAsync()
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(Look, connection);
        await command.PrepareAsync();
        var isLast = false;
        while (!isLast)
        {
            isLast = stop.IsCancellationRequested; // one more look after the end
            await using (var reader = await command.ExecuteReaderAsync())
            {
                await reader.ReadAsync();
                var (at, size) = (reader.GetDateTime(0), reader.GetInt64(1));
                if (seen.Count == 0 || seen[^1].Size < size)
                {
                    seen.Add((at, size));
                }
            }

            await Task.Delay(Glance);
        }
    }
}
