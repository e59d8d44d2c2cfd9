using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Store;

/// <summary>What a platform calls a learner.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Scheme">Kind of identifier; <see cref="Account"/> for CloudEvents and xAPI accounts alike.</param>
/// <param name="Issuer">The platform's URI.</param>
/// <param name="Value">Its name for the learner.</param>
public readonly record struct Identity(string Tenant, string Scheme, string Issuer, string Value) : IComparable<Identity>
{
    /// <summary>(source, subject) of a CloudEvent, (homePage, name) of an xAPI account.</summary>
    public const string Account = "account";

    /// <summary>Of the value alone: the rest is the same for most.</summary>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <summary>The order in which rows are locked.</summary>
    public int CompareTo(Identity other)
    {
        var order = string.CompareOrdinal(Tenant, other.Tenant);
        order = order != 0 ? order : string.CompareOrdinal(Scheme, other.Scheme);
        order = order != 0 ? order : string.CompareOrdinal(Issuer, other.Issuer);
        return order != 0 ? order : string.CompareOrdinal(Value, other.Value);
    }
}

/// <summary>A learner and the key of their stream.</summary>
/// <param name="Learner">The learner's UUID.</param>
/// <param name="Key">K_learner, 32 bytes.</param>
/// <param name="IsNew">Registered by the transaction under way.</param>
public sealed record KnownLearner(Guid Learner, byte[] Key, bool IsNew);

/// <summary>Finds the learner behind each identity, registering those nobody has named before.</summary>
public sealed class Identities(Vault vault)
{
    // Two generations bound the memory: when the young one is full it becomes the old one, and what was not asked for since is dropped.
    private readonly Lock turn = new();
    private Dictionary<Identity, KnownLearner> young = [];
    private Dictionary<Identity, KnownLearner> old = [];

    /// <summary>The learner, if in memory; null says nothing.</summary>
    public KnownLearner? InMemory(Identity identity)
    {
        lock (turn)
        {
            return young.TryGetValue(identity, out var learner) || old.TryGetValue(identity, out learner) ? learner : null;
        }
    }

    /// <summary>The learners of all these, if every one is in memory; otherwise null.</summary>
    public Dictionary<Identity, KnownLearner>? Recall(IReadOnlyCollection<Identity> identities) => Look(identities) is (var found, []) ? found : null;

    /// <summary>Resolves all identities inside a transaction; the new ones exist only once it commits, and <see cref="Remember"/> is called then.</summary>
    public async Task<Dictionary<Identity, KnownLearner>> ResolveAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Identity> identities, CancellationToken cancellation)
    {
        var (found, unknown) = Look(identities);
        if (unknown.Count > 0)
        {
            await ReadAsync(connection, unknown, found, cancellation);
            var missing = unknown.Where(i => !found.ContainsKey(i)).Order().ToList();
            if (missing.Count > 0)
            {
                await RegisterAsync(connection, missing, found, cancellation);
            }
        }

        return found;
    }

    /// <summary>Keeps what a committed transaction resolved.</summary>
    public void Remember(Dictionary<Identity, KnownLearner> committed)
    {
        lock (turn)
        {
            foreach (var (identity, learner) in committed)
            {
                young[identity] = learner.IsNew ? learner with { IsNew = false } : learner;
            }

            if (young.Count > Limits.IdentitiesKept / 2)
            {
                (old, young) = (young, []);
            }
        }
    }

    /// <summary>Drops what is known of erased learners.</summary>
    public void Forget(IReadOnlySet<(string Tenant, Guid Learner)> erased)
    {
        lock (turn)
        {
            foreach (var known in (Dictionary<Identity, KnownLearner>[])[young, old])
            {
                foreach (var (identity, _) in known.Where(k => erased.Contains((k.Key.Tenant, k.Value.Learner))).ToList())
                {
                    known.Remove(identity);
                }
            }
        }
    }

    /// <summary>Drops what is known of these, because it turned out to be old.</summary>
    public void Forget(IEnumerable<Identity> identities)
    {
        lock (turn)
        {
            foreach (var identity in identities)
            {
                young.Remove(identity);
                old.Remove(identity);
            }
        }
    }

    private (Dictionary<Identity, KnownLearner> Found, List<Identity> Unknown) Look(IReadOnlyCollection<Identity> identities)
    {
        var found = new Dictionary<Identity, KnownLearner>(identities.Count);
        var unknown = new List<Identity>();
        lock (turn)
        {
            foreach (var identity in identities)
            {
                if (young.TryGetValue(identity, out var learner))
                {
                    found[identity] = learner;
                }
                else if (old.TryGetValue(identity, out learner))
                {
                    // Asked for again: it stays when the old generation goes.
                    found[identity] = young[identity] = learner;
                }
                else
                {
                    unknown.Add(identity);
                }
            }
        }

        return (found, unknown);
    }

    private async Task ReadAsync(NpgsqlConnection connection, List<Identity> identities, Dictionary<Identity, KnownLearner> found, CancellationToken cancellation)
    {
        await using var command = Command(
            connection,
            """
            select i.tenant, i.scheme, i.issuer, i.value, d.learner, k.wrapped
              from unnest($1, $2, $3, $4) as i (tenant, scheme, issuer, value)
              join registry.identity d on d.tenant = i.tenant and d.scheme = i.scheme and d.issuer = i.issuer and d.value = i.value
              join vault.learner_key k on k.tenant = d.tenant and k.learner = d.learner
            """,
            identities);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var identity = new Identity(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3));
            var learner = reader.GetGuid(4);
            found[identity] = new(learner, vault.Unwrap(reader.GetFieldValue<byte[]>(5), Vault.Owner(identity.Tenant, learner)), IsNew: false);
        }
    }

    private async Task RegisterAsync(NpgsqlConnection connection, List<Identity> identities, Dictionary<Identity, KnownLearner> found, CancellationToken cancellation)
    {
        // Of two transactions naming the same newcomer one waits here for the other, and then takes the UUID the winner gave.
        var candidates = identities.ToDictionary(i => i, _ => Guid.NewGuid());
        await using var insert = Command(
            connection,
            """
            insert into registry.identity as d (tenant, scheme, issuer, value, learner)
              select * from unnest($1, $2, $3, $4, $5)
              on conflict (tenant, scheme, issuer, value) do update set learner = d.learner
              returning tenant, scheme, issuer, value, learner
            """,
            identities);
        insert.Parameters.Add(new() { Value = identities.Select(i => candidates[i]).ToArray() });
        var late = new List<Identity>();
        await using (var reader = await insert.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                var identity = new Identity(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3));
                if (reader.GetGuid(4) is var learner && learner == candidates[identity])
                {
                    found[identity] = new(learner, Vault.NewKey(), IsNew: true);
                }
                else
                {
                    late.Add(identity);
                }
            }
        }

        var registered = identities.Where(found.ContainsKey).Select(i => (Identity: i, Known: found[i])).ToList();
        if (registered.Count > 0)
        {
            await using var keys = new NpgsqlCommand("insert into vault.learner_key (tenant, learner, wrapped) select * from unnest($1, $2, $3)", connection);
            keys.Parameters.Add(new() { Value = registered.Select(r => r.Identity.Tenant).ToArray() });
            keys.Parameters.Add(new() { Value = registered.Select(r => r.Known.Learner).ToArray() });
            keys.Parameters.Add(new()
            {
                Value = registered.Select(r => vault.Wrap(r.Known.Key, Vault.Owner(r.Identity.Tenant, r.Known.Learner))).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
            });
            await keys.ExecuteNonQueryAsync(cancellation);
        }

        if (late.Count > 0)
        {
            await ReadAsync(connection, late, found, cancellation);
        }
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, List<Identity> identities)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = identities.Select(i => i.Tenant).ToArray() });
        command.Parameters.Add(new() { Value = identities.Select(i => i.Scheme).ToArray() });
        command.Parameters.Add(new() { Value = identities.Select(i => i.Issuer).ToArray() });
        command.Parameters.Add(new() { Value = identities.Select(i => i.Value).ToArray() });
        return command;
    }
}
