using LearningLedger.Bundles;
using LearningLedger.Integrity;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>The timestamps of a log in PostgreSQL.</summary>
public static class StoredStamps
{
    private const string Covering = "select size, checkpoint, token from tlog.stamp where log = $1 and size > $2 and size <= $3 order by size limit 1";

    /// <summary>The first timestamp by which all leaves up to one were in the log, as a bundle has it; none if there is none yet.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="log">The log.</param>
    /// <param name="index">The last of the leaves.</param>
    /// <param name="size">Leaves of the bundle's checkpoint.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IReadOnlyList<BundleTimestamp>> FirstCoveringAsync(NpgsqlConnection connection, int log, long index, long size, CancellationToken cancellation)
    {
        (long Size, string Checkpoint, byte[] Token)? found = null;
        await using (var command = new NpgsqlCommand(Covering, connection))
        {
            command.Parameters.Add(new() { Value = log });
            command.Parameters.Add(new() { Value = index });
            command.Parameters.Add(new() { Value = size });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            found = await reader.ReadAsync(cancellation) ? (reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2)) : null;
        }

        return found is { } stamp
            ? [new BundleTimestamp(stamp.Checkpoint, await StoredTiles.ProveAsync(connection, log, ProofPlan.Consistency(stamp.Size, size), cancellation), stamp.Token)]
            : [];
    }

    /// <summary>Keeps a timestamp.</summary>
    public static async Task KeepAsync(NpgsqlConnection connection, int log, TimeToken stamp, DateTimeOffset time, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("insert into tlog.stamp (log, size, checkpoint, token, stamped_at) values ($1, $2, $3, $4, $5) on conflict do nothing", connection);
        command.Parameters.Add(new() { Value = log });
        command.Parameters.Add(new() { Value = Checkpoint.Parse(stamp.Checkpoint.Text).Size });
        command.Parameters.Add(new() { Value = stamp.Checkpoint.ToString() });
        command.Parameters.Add(new() { Value = stamp.Token });
        command.Parameters.Add(new() { Value = time.ToUniversalTime() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
