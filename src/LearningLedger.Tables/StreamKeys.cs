using Npgsql;

namespace LearningLedger.Tables;

/// <summary>Keys of streams, from the vault's tables.</summary>
public static class StreamKeys
{
    /// <summary>The key of a tenant's streams that belong to no learner; made when there is none.</summary>
    public static async Task<byte[]> OfTenantAsync(NpgsqlConnection connection, Vault vault, string tenant, CancellationToken cancellation)
    {
        if (await FindTenantAsync(connection, vault, tenant, cancellation) is { } key)
        {
            return key;
        }

        await using var insert = new NpgsqlCommand("insert into vault.tenant_key (tenant, wrapped) values ($1, $2) on conflict do nothing", connection);
        insert.Parameters.Add(new() { Value = tenant });
        insert.Parameters.Add(new() { Value = vault.Wrap(Vault.NewKey(), Vault.Owner(tenant, null)) });
        await insert.ExecuteNonQueryAsync(cancellation);
        return (await FindTenantAsync(connection, vault, tenant, cancellation))!;
    }

    /// <summary>The same, or null when there is none.</summary>
    public static async Task<byte[]?> FindTenantAsync(NpgsqlConnection connection, Vault vault, string tenant, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand("select wrapped from vault.tenant_key where tenant = $1", connection);
        select.Parameters.Add(new() { Value = tenant });
        return await select.ExecuteScalarAsync(cancellation) is byte[] wrapped ? vault.Unwrap(wrapped, Vault.Owner(tenant, null)) : null;
    }

    /// <summary>A learner's key, or null when there is none: unknown, or erased.</summary>
    public static async Task<byte[]?> OfLearnerAsync(NpgsqlConnection connection, Vault vault, string tenant, Guid learner, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand("select wrapped from vault.learner_key where tenant = $1 and learner = $2", connection);
        select.Parameters.Add(new() { Value = tenant });
        select.Parameters.Add(new() { Value = learner });
        return await select.ExecuteScalarAsync(cancellation) is byte[] wrapped ? vault.Unwrap(wrapped, Vault.Owner(tenant, learner)) : null;
    }
}
