using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;

namespace LearningLedger.Service.Host;

/// <summary>The API keys, read from the database and kept for a moment.</summary>
/// <remarks>
/// A key revoked at this service stops at once, at another node within <see cref="Keep"/>. Many requests come with one key at a time:
/// they wait for one read of it, and one in use is read again beforehand, with nobody waiting.
/// </remarks>
public sealed class KeyRing(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>How long a key read from the database is taken on trust.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromSeconds(5);

    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<string, Known> known = new();

    /// <summary>The reads under way, by id of the key. Whoever holds its lock may change <see cref="known"/>.</summary>
    private readonly Dictionary<string, TaskCompletionSource<Known?>> reads = [];

    /// <summary>A key as it is stored.</summary>
    public sealed record Stored(string Id, string Name, string Tenant, IReadOnlyList<string> Scopes, string? Person, IReadOnlyList<string>? Sources,
        DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? RevokedAt);

    private sealed record Known(Caller Caller, byte[] SecretHash, DateTimeOffset ReadAt);

    /// <summary>The caller a key belongs to, or null when it is unknown, wrong or revoked.</summary>
    public ValueTask<Caller?> FindAsync(KeyText key, CancellationToken cancellation) => FindAsync(key.Id, key.SecretHash(), cancellation);

    /// <summary>The caller a key belongs to that was seen before; null when it is unknown, revoked, or has another secret now.</summary>
    /// <param name="id">Id of the key.</param>
    /// <param name="secretHash">Its <see cref="KeyText.SecretHash"/>.</param>
    /// <param name="cancellation">Ends the read.</param>
    public async ValueTask<Caller?> FindAsync(string id, byte[] secretHash, CancellationToken cancellation) =>
        await EntryAsync(id, cancellation) is { } entry && CryptographicOperations.FixedTimeEquals(entry.SecretHash, secretHash) ? entry.Caller : null;

    /// <summary>Whether a key may still do what it was let in for, for a request that goes on long after that.</summary>
    public async ValueTask<bool> StillAllowsAsync(Caller caller, string scope, CancellationToken cancellation) =>
        await EntryAsync(caller.KeyId, cancellation) is { } entry && Scopes.Allow(entry.Caller.Scopes, scope);

    /// <summary>Stores a new key. The tenant must exist.</summary>
    public async Task AddAsync(KeyText key, Caller caller, string name, string createdBy, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            insert into registry.api_key (id, tenant, secret, name, scopes, person, sources, bootstrap, created_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (id) do update set secret = excluded.secret, scopes = excluded.scopes, revoked_at = null, revoked_by = null
              where registry.api_key.bootstrap and excluded.bootstrap
            """);
        command.Parameters.Add(new() { Value = key.Id });
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = key.SecretHash() });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = caller.Scopes.Order(StringComparer.Ordinal).ToArray() });
        command.Parameters.Add(new() { Value = (object?)caller.Person ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)caller.Sources?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = caller.Bootstrap });
        command.Parameters.Add(new() { Value = createdBy });
        await command.ExecuteNonQueryAsync(cancellation);
        Forget(key.Id);
    }

    /// <summary>The keys of a tenant, revoked ones included, oldest first.</summary>
    public async Task<IReadOnlyList<Stored>> ListAsync(string tenant, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select id, name, scopes, person, sources, created_at, created_by, revoked_at from registry.api_key where tenant = $1 order by created_at, id");
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<Stored>();
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(new Stored(
                reader.GetString(0), reader.GetString(1), tenant, reader.GetFieldValue<string[]>(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<string[]>(4), reader.GetFieldValue<DateTimeOffset>(5), reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7)));
        }

        return keys;
    }

    /// <summary>Revokes a key of a tenant; false when there is none.</summary>
    public async Task<bool> RevokeAsync(string tenant, string id, string by, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "update registry.api_key set revoked_at = coalesce(revoked_at, clock_timestamp()), revoked_by = coalesce(revoked_by, $3) where tenant = $1 and id = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = by });
        var found = await command.ExecuteNonQueryAsync(cancellation) == 1;
        Forget(id);
        return found;
    }

    private async ValueTask<Known?> EntryAsync(string id, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (known.TryGetValue(id, out var entry) && now - entry.ReadAt <= Keep)
        {
            if (now - entry.ReadAt > Keep / 2)
            {
                _ = ReadOnceAsync(id);
            }

            return entry;
        }

        // A read that was under way may have begun too long ago; the next one did not.
        do
        {
            entry = await ReadOnceAsync(id).WaitAsync(cancellation);
        }
        while (entry is not null && now - entry.ReadAt > Keep);
        return entry;
    }

    /// <summary>What was known of a key no longer holds, nor what a read finds that began before.</summary>
    private void Forget(string id)
    {
        lock (reads)
        {
            reads.Remove(id);
            known.TryRemove(id, out _);
        }
    }

    /// <summary>The read of a key that is under way, or a new one. It goes on when one who waits for it leaves.</summary>
    private Task<Known?> ReadOnceAsync(string id)
    {
        TaskCompletionSource<Known?> read;
        lock (reads)
        {
            if (reads.TryGetValue(id, out var underWay))
            {
                return underWay.Task;
            }

            reads[id] = read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = FillAsync(id, read);
        return read.Task;
    }

    private async Task FillAsync(string id, TaskCompletionSource<Known?> read)
    {
        try
        {
            var entry = await ReadAsync(id);
            End(id, read, entry);
            read.SetResult(entry);
        }
        catch (Exception failure)
        {
            End(id, read, known.GetValueOrDefault(id));
            read.SetException(failure);

            // Nobody may have waited; whoever comes when the key is too old reads again, and is told.
            _ = read.Task.Exception;
        }
    }

    /// <summary>Takes down what a read found, unless it was dropped meanwhile.</summary>
    private void End(string id, TaskCompletionSource<Known?> read, Known? found)
    {
        lock (reads)
        {
            if (reads.GetValueOrDefault(id) != read)
            {
                return;
            }

            reads.Remove(id);
            if (found is null)
            {
                known.TryRemove(id, out _);
                return;
            }

            if (known.Count >= MostKept)
            {
                known.Clear();
            }

            known[id] = found;
        }
    }

    private async Task<Known?> ReadAsync(string id)
    {
        var readAt = time.GetUtcNow();
        await using var command = database.CreateCommand(
            "select tenant, secret, scopes, person, sources, bootstrap from registry.api_key where id = $1 and revoked_at is null");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
        {
            return null;
        }

        var caller = new Caller(
            id, reader.GetString(0), reader.GetFieldValue<string[]>(2).ToHashSet(), reader.IsDBNull(3) ? null : reader.GetString(3),
            reader.IsDBNull(4) ? null : reader.GetFieldValue<string[]>(4), reader.GetBoolean(5));
        return new Known(caller, reader.GetFieldValue<byte[]>(1), readAt);
    }
}
