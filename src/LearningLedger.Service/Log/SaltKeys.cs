using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>The keys that salts follow from: the learner's for a learner's stream, the tenant's for every other.</summary>
public sealed class SaltKeys(Vault vault)
{
    // Two generations bound the memory: when the young one is full it becomes the old one, and what was not asked for since is dropped.
    private readonly Lock turn = new();
    private Dictionary<(string Tenant, Guid Stream), byte[]> young = [];
    private Dictionary<(string Tenant, Guid Stream), byte[]> old = [];

    /// <summary>The keys of streams. A learner whose key is destroyed has none of their own any more: the tenant's is given.</summary>
    public async Task<Dictionary<Guid, byte[]>> OfAsync(
        NpgsqlConnection connection, string tenant, IReadOnlyCollection<Guid> streams, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, byte[]>(streams.Count);
        var unknown = new List<Guid>();
        lock (turn)
        {
            foreach (var stream in streams)
            {
                if (young.TryGetValue((tenant, stream), out var key) || old.TryGetValue((tenant, stream), out key))
                {
                    found[stream] = young[(tenant, stream)] = key;
                }
                else
                {
                    unknown.Add(stream);
                }
            }
        }

        if (unknown.Count > 0)
        {
            await ReadAsync(connection, tenant, unknown, found, cancellation);
            Keep(tenant, unknown, found);
        }

        return found;
    }

    /// <summary>Forgets learners whose keys are destroyed.</summary>
    public void Forget(IReadOnlySet<(string Tenant, Guid Learner)> erased)
    {
        lock (turn)
        {
            foreach (var stream in erased)
            {
                young.Remove(stream);
                old.Remove(stream);
            }
        }
    }

    private async Task ReadAsync(NpgsqlConnection connection, string tenant, List<Guid> streams, Dictionary<Guid, byte[]> found, CancellationToken cancellation)
    {
        await using (var command = new NpgsqlCommand("select learner, wrapped from vault.learner_key where tenant = $1 and learner = any ($2)", connection))
        {
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = streams.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var learner = reader.GetGuid(0);
                found[learner] = vault.Unwrap(reader.GetFieldValue<byte[]>(1), Vault.Owner(tenant, learner));
            }
        }

        if (streams.Any(s => !found.ContainsKey(s)))
        {
            var key = await StreamKeys.OfTenantAsync(connection, vault, tenant, cancellation);
            foreach (var stream in streams)
            {
                found.TryAdd(stream, key);
            }
        }
    }

    private void Keep(string tenant, List<Guid> streams, Dictionary<Guid, byte[]> found)
    {
        lock (turn)
        {
            foreach (var stream in streams)
            {
                young[(tenant, stream)] = found[stream];
            }

            if (young.Count > Limits.SaltKeysKept / 2)
            {
                (old, young) = (young, []);
            }
        }
    }
}
