using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Tables;

/// <summary>A row of <c>tlog.log</c>: one log of a tenant.</summary>
/// <param name="Log">Its number.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Epoch">1, and one more after each restore from a backup.</param>
/// <param name="Size">Leaves of the tree.</param>
/// <param name="Root">Root of the tree.</param>
/// <param name="CheckpointSize">Leaves that <paramref name="Checkpoint"/> covers; 0 before the first.</param>
/// <param name="Checkpoint">The last signed note, or null.</param>
public sealed record TenantLog(int Log, string Tenant, int Epoch, long Size, TreeHash Root, long CheckpointSize, string? Checkpoint)
{
    private const string Columns = "log, tenant, epoch, size, root, checkpoint_size, checkpoint";

    /// <summary>SQL: of the logs <c>l</c> of a tenant it is the one that is written to; those of earlier epochs have ended.</summary>
    public const string IsCurrent = "not exists (select from tlog.log later where later.tenant = l.tenant and later.epoch > l.epoch)";

    private const string Latest = $"select {Columns} from tlog.log where tenant = $1 order by epoch desc limit 1";

    /// <summary>The log a tenant writes to, or null when it has none yet.</summary>
    public static async Task<TenantLog?> FindAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Latest, connection);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    /// <summary>The same, opened if there is none yet.</summary>
    public static async Task<TenantLog> FindOrOpenAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation) =>
        await FindAsync(connection, tenant, cancellation) ?? await OpenAsync(connection, tenant, 1, cancellation);

    /// <summary>Opens a log without leaves.</summary>
    public static async Task<TenantLog> OpenAsync(NpgsqlConnection connection, string tenant, int epoch, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"insert into tlog.log (tenant, epoch, size, root) values ($1, $2, 0, $3) returning {Columns}", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = TreeHash.Empty.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return Read(reader);
    }

    /// <summary>Reads a row of log, tenant, epoch, size, root, checkpoint size, checkpoint.</summary>
    public static TenantLog Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), new TreeHash(row.GetFieldValue<byte[]>(4)), row.GetInt64(5),
        row.IsDBNull(6) ? null : row.GetString(6));
}
