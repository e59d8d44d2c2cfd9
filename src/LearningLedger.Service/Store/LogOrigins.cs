using System.Collections.Concurrent;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>The names of the tenants' logs.</summary>
public sealed class LogOrigins(NpgsqlDataSource database, LedgerSettings settings)
{
    // A new epoch is opened while no service runs, so what was read once holds.
    private readonly ConcurrentDictionary<string, string> kept = new();

    /// <summary>The name of a tenant's log.</summary>
    /// <param name="installation">Origin of all logs of the installation.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="epoch">1, and one more after each restore from a backup.</param>
    public static string Of(string installation, string tenant, int epoch) => epoch == 1 ? $"{installation}/{tenant}" : $"{installation}/{tenant}/{epoch}";

    /// <summary>The name of a log.</summary>
    public static string Of(string installation, TenantLog log) => Of(installation, log.Tenant, log.Epoch);

    /// <summary>The epoch of a name that <see cref="Of(string, string, int)"/> gave; 0 for any other.</summary>
    public static int EpochOf(string installation, string tenant, string origin) =>
        origin == Of(installation, tenant, 1) ? 1
        : origin.StartsWith($"{installation}/{tenant}/", StringComparison.Ordinal) && int.TryParse(origin[(installation.Length + tenant.Length + 2)..], out var epoch) ? epoch
        : 0;

    /// <summary>How far a checkpoint of a tenant's logs takes them: a later epoch further than any earlier one, and within one by its leaves.</summary>
    /// <returns>Epoch 0 when it is of no log of the tenant.</returns>
    public static (int Epoch, long Size) Reach(string installation, string tenant, Checkpoint checkpoint) => (EpochOf(installation, tenant, checkpoint.Origin), checkpoint.Size);

    /// <summary>The name of the log a tenant writes to.</summary>
    public async ValueTask<string> CurrentAsync(string tenant, CancellationToken cancellation)
    {
        if (kept.TryGetValue(tenant, out var origin))
        {
            return origin;
        }

        await using var command = database.CreateCommand("select coalesce(max(epoch), 1) from tlog.log where tenant = $1");
        command.Parameters.Add(new() { Value = tenant });
        return kept[tenant] = Of(settings.Log.Origin!, tenant, (int)(await command.ExecuteScalarAsync(cancellation))!);
    }
}
