using System.Diagnostics;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// Writes heads leaves: commitments to the last version of every stream. A Merkle log proves that something is there; these make it provable that
/// nothing more is, so that a revocation cannot be left out of a transcript.
/// </summary>
/// <remarks>
/// What happened since the last one is folded in without holding up the sequencer; only what came meanwhile, and the leaf itself, takes the log's lock.
/// Only buckets of changed streams are hashed. Nobody waits for a heads leaf to the second, but whoever posts waits for the processor: so it goes in
/// steps, with a rest after each.
/// </remarks>
public sealed class HeadsWriter(NpgsqlDataSource database, LogWriter writer, RecentHeads recent, LedgerSettings settings)
{
    /// <summary>Logs that have grown since their last heads leaf, where that was long enough ago; the heads leaf itself is no growth.</summary>
    public const string Due =
        $"""
        select l.tenant from tlog.log l
          where l.size - l.heads_covered > case when l.heads_index is null then 0 else 1 end and l.heads_due <= clock_timestamp()
            and {TenantLog.IsCurrent}
        """;

    /// <summary>Leaves that are read at once, or buckets that are written.</summary>
    private const int Step = 2_000;

    private sealed record State(int Log, long Size, long Covered);

    /// <summary>Writes a heads leaf for all the leaves there are now.</summary>
    /// <returns>Whether it did; not when somebody else is at it, or a new epoch of the log was begun meanwhile.</returns>
    public async Task<bool> AppendAsync(string tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await AskAsync<bool>(connection, "select pg_try_advisory_xact_lock(hashtextextended('tlog heads ' || $1, 0))", [tenant], cancellation))
        {
            return false;
        }

        var state = await StateAsync(connection, tenant, cancellation);
        var tree = await StoredHeads.TreeAsync(connection, state.Log, cancellation);
        var heads = new LeafHeads(state.Covered);
        AddRecent(state.Log, heads);
        for (var size = state.Size; size - heads.To >= Step;)
        {
            var began = Stopwatch.GetTimestamp();
            await ReadAsync(connection, state.Log, heads, heads.To + Step, cancellation);
            size = await AskAsync<long>(connection, "select size from tlog.log where log = $1", [state.Log], cancellation);
            await RestAsync(began, cancellation);
        }

        await FoldAsync(connection, state.Log, tree, heads, rests: true, cancellation);

        // The few leaves that came meanwhile too, so that a heads leaf speaks of all before it, which whoever reads the log again can check.
        await AskAsync<object>(connection, LogWriter.Lock, [tenant], cancellation);
        var current = (await TenantLog.FindAsync(connection, tenant, cancellation))!;
        if (current.Log != state.Log)
        {
            return false; // a new epoch was begun meanwhile
        }

        heads = new LeafHeads(heads.To);
        AddRecent(state.Log, heads);
        await ReadAsync(connection, state.Log, heads, current.Size, cancellation);
        await FoldAsync(connection, state.Log, tree, heads, rests: false, cancellation);
        await AppendAsync(connection, current, tree.Root(), cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Folds heads into the stored ones.</summary>
    private static async Task FoldAsync(
        NpgsqlConnection connection, int log, HeadsTree tree, LeafHeads heads, bool rests, CancellationToken cancellation)
    {
        foreach (var some in heads.Heads.GroupBy(h => HeadsBucket.Of(h.Key)).OrderBy(b => b.Key).Chunk(Step))
        {
            var began = Stopwatch.GetTimestamp();
            var buckets = await StoredHeads.BucketsAsync(connection, log, [.. some.Select(b => b.Key)], cancellation);
            foreach (var bucket in some)
            {
                var content = buckets.GetValueOrDefault(bucket.Key) ?? [];
                foreach (var (stream, head) in bucket)
                {
                    // A version that was logged late does not take the place of a later one.
                    if (HeadsBucket.Find(content, stream) is not { } known || known.Version < head.Version)
                    {
                        content = HeadsBucket.With(content, stream, head);
                    }
                }

                buckets[bucket.Key] = content;
                tree.Set(bucket.Key, content);
            }

            await StoredHeads.WriteAsync(connection, log, buckets, tree.TakeTiles(), cancellation);
            if (rests)
            {
                await RestAsync(began, cancellation);
            }
        }
    }

    /// <summary>Rests as long as was worked.</summary>
    private static Task RestAsync(long began, CancellationToken cancellation) => Task.Delay(Stopwatch.GetElapsedTime(began), cancellation);

    private async Task AppendAsync(NpgsqlConnection connection, TenantLog current, TreeHash root, CancellationToken cancellation)
    {
        var streams = await AskAsync<long>(connection, "select coalesce(sum(length(content)), 0) / $2 from tlog.heads_bucket where log = $1", [current.Log, HeadsBucket.EntryBytes], cancellation);
        var at = await AskAsync<DateTime>(connection, "select clock_timestamp()", [], cancellation);
        var leaf = new HeadsLeaf(new DateTimeOffset(at), current.Tenant, current.Size, root, streams);
        await writer.AppendAsync(connection, current, [new NewLeaf(null, leaf.Bytes())], cancellation);
        await using var command = new NpgsqlCommand(
            "update tlog.log set heads_covered = $2, heads_index = $2, heads_due = clock_timestamp() + make_interval(secs => $3) where log = $1", connection);
        command.Parameters.Add(new() { Value = current.Log });
        command.Parameters.Add(new() { Value = current.Size });
        command.Parameters.Add(new() { Value = (double)settings.Log.HeadsEverySeconds });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<State> StateAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select log, size, heads_covered from tlog.log where tenant = $1 order by epoch desc limit 1", connection);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new State(reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>Adds what was read back of late, if it goes on where these end.</summary>
    private void AddRecent(int log, LeafHeads heads)
    {
        if (recent.Take(log) is { } known && known.From <= heads.To)
        {
            heads.Add(known);
        }
    }

    /// <summary>Adds the leaves up to an index.</summary>
    private static async Task ReadAsync(NpgsqlConnection connection, int log, LeafHeads heads, long to, CancellationToken cancellation)
    {
        await foreach (var (index, leaf) in LogEntries.ReadAsync(connection, log, heads.To, to, cancellation))
        {
            heads.Add(index, leaf);
        }

        // A leaf that somebody deleted is for the audit to find; it must not be waited for here.
        heads.Reach(to);
    }

    private static async Task<T> AskAsync<T>(NpgsqlConnection connection, string sql, object[] values, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
