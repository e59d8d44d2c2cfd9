using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>A learner who was erased.</summary>
/// <param name="EventId">The event <c>learner.erased</c>.</param>
/// <param name="Version">Its version, the last of the stream.</param>
/// <param name="Since">Its recorded time, UTC.</param>
public sealed record ErasedLearner(Guid EventId, long Version, DateTimeOffset Since);

/// <summary>An event about a learner who was erased, still there without its content.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Version">Its version in its stream.</param>
/// <param name="Recorded">When it was recorded.</param>
public sealed record ErasedEvent(Guid EventId, Guid Learner, long Version, DateTimeOffset Recorded);

/// <summary>Erases what a part of the service keeps of a learner beside events, key and identities, within the transaction of the erasure.</summary>
/// <param name="connection">In the transaction; nothing is locked yet.</param>
/// <param name="tenant">The tenant.</param>
/// <param name="learner">The learner; may be unknown, or erased.</param>
/// <param name="cancellation">Gives up.</param>
public delegate Task EraseToo(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation);

/// <summary>Who was erased, from <c>registry.erasure</c>.</summary>
public static class Erasures
{
    /// <summary>SQLSTATE of an append about a learner who is erased or not registered: what named the learner in memory is out of date.</summary>
    public const string AppendRefused = "LL410";

    /// <summary>The erasure of a learner; null: not erased.</summary>
    public static async Task<ErasedLearner?> FindAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select event_id, version, erased_at from registry.erasure where tenant = $1 and learner = $2", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new ErasedLearner(reader.GetGuid(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2)) : null;
    }

    /// <summary>Those of these events that are about erased learners: they lie in their streams, or are their moves in a cohort's.</summary>
    public static async Task<Dictionary<Guid, ErasedEvent>> EventsAsync(NpgsqlConnection connection, IEnumerable<Guid> events, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.id, x.learner, e.version, e.timestamp from ledger.mt_events e join registry.erasure x on x.tenant = e.tenant_id
                and x.learner = case when e.type in ('cohort.joined', 'cohort.left') then (e.data ->> 'learner')::uuid else e.stream_id end
              where e.id = any ($1)
            """,
            connection);
        command.Parameters.Add(new() { Value = events.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new Dictionary<Guid, ErasedEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            found[reader.GetGuid(0)] = new(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3));
        }

        return found;
    }
}
