using System.Collections.Concurrent;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Tables;
using LearningLedger.Xapi;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>A tenant's key, and the index keys that follow from it: nothing in the index can be guessed without it.</summary>
/// <param name="Key">32 bytes; also the key of the tenant's streams that belong to no learner.</param>
public sealed record TenantKey(byte[] Key)
{
    /// <summary>The index key of something statements are found by: the first 16 bytes of HMAC-SHA-256 over kind and text.</summary>
    public Guid Of(Mention mention) => Hash($"mention\n{(int)mention.Kind}\n{mention.Text}");

    /// <summary>The index key of an activity.</summary>
    public Guid OfActivity(string id) => Of(new Mention(MentionKind.Activity, id));

    /// <summary>The index key of an agent.</summary>
    public Guid OfAgent(AgentIdentifier agent) => Of(new Mention(MentionKind.Agent, agent.Text()));

    private Guid Hash(string text)
    {
        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hmac(Key, Encoding.UTF8.GetBytes(text), hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}

/// <summary>The keys of all tenants, read once.</summary>
public sealed class TenantKeys(NpgsqlDataSource database, Vault vault)
{
    private readonly ConcurrentDictionary<string, TenantKey> known = new();

    /// <summary>The tenant's key; made when there is none.</summary>
    public async ValueTask<TenantKey> OfAsync(string tenant, CancellationToken cancellation)
    {
        if (known.TryGetValue(tenant, out var key))
        {
            return key;
        }

        // On a connection of its own: the key must be there for good before anything is sealed with it.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return known.GetOrAdd(tenant, new TenantKey(await StreamKeys.OfTenantAsync(connection, vault, tenant, cancellation)));
    }
}
