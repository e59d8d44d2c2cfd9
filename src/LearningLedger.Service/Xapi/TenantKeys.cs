using System.Collections.Concurrent;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using LearningLedger.Xapi;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>A tenant's key, and the index keys that follow from it: nothing in the index can be guessed without it.</summary>
/// <param name="key">32 bytes; also the key of the tenant's streams that belong to no learner.</param>
/// <param name="kept">Index keys in memory, of all tenants: most statements speak of the same few things.</param>
public sealed class TenantKey(byte[] key, KeptKeys kept)
{
    /// <summary>32 bytes.</summary>
    public byte[] Key => key;

    /// <summary>The index key of something statements are found by: the first 16 bytes of HMAC-SHA-256 over kind and text.</summary>
    public Guid Of(Mention mention)
    {
        if (!kept.TryFind(this, mention, out var found))
        {
            found = Hash($"mention\n{(int)mention.Kind}\n{mention.Text}");
            kept.Keep(this, mention, found);
        }

        return found;
    }

    /// <summary>The index key of an activity.</summary>
    public Guid OfActivity(string id) => Of(new Mention(MentionKind.Activity, id));

    /// <summary>The index key of an agent.</summary>
    public Guid OfAgent(AgentIdentifier agent) => Of(new Mention(MentionKind.Agent, agent.Text()));

    private Guid Hash(string text)
    {
        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hmac(key, Encoding.UTF8.GetBytes(text), hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}

/// <summary>Index keys that were worked out before, up to a number; then they are worked out anew.</summary>
public sealed class KeptKeys
{
    /// <summary>Characters of what is kept; longer ones are seldom met twice.</summary>
    private const int Longest = 256;

    private ConcurrentDictionary<(TenantKey, Mention), Guid> keys = new();
    private int count;

    /// <summary>Looks one up.</summary>
    public bool TryFind(TenantKey tenant, Mention mention, out Guid key) => keys.TryGetValue((tenant, mention), out key);

    /// <summary>Keeps one.</summary>
    public void Keep(TenantKey tenant, Mention mention, Guid key)
    {
        if (mention.Text.Length > Longest || !keys.TryAdd((tenant, mention), key))
        {
            return;
        }

        if (Interlocked.Increment(ref count) > Limits.IndexKeysKept)
        {
            keys = new();
            Volatile.Write(ref count, 0);
        }
    }
}

/// <summary>The keys of all tenants, read once.</summary>
public sealed class TenantKeys(NpgsqlDataSource database, Vault vault)
{
    private readonly ConcurrentDictionary<string, TenantKey> known = new();
    private readonly KeptKeys kept = new();

    /// <summary>The tenant's key; made when there is none.</summary>
    public async ValueTask<TenantKey> OfAsync(string tenant, CancellationToken cancellation)
    {
        if (known.TryGetValue(tenant, out var key))
        {
            return key;
        }

        // On a connection of its own: the key must be there for good before anything is sealed with it.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return known.GetOrAdd(tenant, new TenantKey(await StreamKeys.OfTenantAsync(connection, vault, tenant, cancellation), kept));
    }
}
