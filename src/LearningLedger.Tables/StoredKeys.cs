using System.Security.Cryptography;
using Npgsql;

namespace LearningLedger.Tables;

/// <summary>The keys that salts follow from, as an audit finds them. A key that is gone, or that the vault does not open, opens nothing: what was logged under it then shows as altered.</summary>
internal sealed class StoredKeys
{
    private static readonly byte[] None = new byte[SecretFile.KeyBytes];

    private readonly Vault vault;
    private readonly string tenant;
    private Dictionary<Guid, byte[]> ofStreams = [];

    private StoredKeys(Vault vault, string tenant, byte[] key) => (this.vault, this.tenant, Tenant) = (vault, tenant, key);

    /// <summary>The key of streams without a learner, and of erasures.</summary>
    public byte[] Tenant { get; }

    /// <summary>Reads a tenant's own key.</summary>
    public static async Task<StoredKeys> OfTenantAsync(NpgsqlConnection connection, Vault vault, string tenant, CancellationToken cancellation)
    {
        byte[]? key = null;
        try
        {
            key = await StreamKeys.FindTenantAsync(connection, vault, tenant, cancellation);
        }
        catch (CryptographicException)
        {
            // Damaged, or wrapped under another vault's key.
        }

        return new StoredKeys(vault, tenant, key ?? None);
    }

    /// <summary>Reads the keys of these streams; those read before are dropped.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<Guid> streams, CancellationToken cancellation)
    {
        ofStreams = new(streams.Count);
        await using var command = new NpgsqlCommand("select learner, wrapped from vault.learner_key where tenant = $1 and learner = any ($2)", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = streams.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var learner = reader.GetGuid(0);
            try
            {
                ofStreams[learner] = vault.Unwrap(reader.GetFieldValue<byte[]>(1), Vault.Owner(tenant, learner));
            }
            catch (CryptographicException)
            {
                ofStreams[learner] = None;
            }
        }
    }

    /// <summary>The key of a stream that was read.</summary>
    public byte[] Of(Guid stream) => ofStreams.GetValueOrDefault(stream, Tenant);
}
