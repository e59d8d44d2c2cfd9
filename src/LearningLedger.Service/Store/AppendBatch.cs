using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Store;

/// <summary>One event ready to be appended.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Stream">The stream it goes to.</param>
/// <param name="StreamType">The stream's stored type.</param>
/// <param name="Type">Stored name.</param>
/// <param name="Body">Stored JSON, UTF-8.</param>
/// <param name="Headers">Stored headers JSON, UTF-8.</param>
/// <param name="Fingerprint">The header <c>fp</c>.</param>
/// <param name="CorrelationId">Or null.</param>
/// <param name="User">Id of the posting key.</param>
public sealed record ReadyEvent(
    Guid EventId, string Tenant, Guid Stream, string StreamType, string Type, byte[] Body, byte[] Headers, string Fingerprint, string? CorrelationId, string User)
{
    /// <summary>Id of the event it follows from, or null.</summary>
    public string? Causation { get; init; }
}

/// <summary>Where an event lies in the ledger.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Version">Its version in its stream.</param>
/// <param name="Recorded">When it was recorded.</param>
/// <param name="Fingerprint">The header <c>fp</c>, of an event that was there before.</param>
/// <param name="Sent">The header <c>sent</c>, of an event that was there before.</param>
public readonly record struct StoredEvent(Guid EventId, long Version, DateTimeOffset Recorded, string? Fingerprint, string? Sent);

/// <summary>Calls the set-based append, <c>ledger.append_facts</c>, which is written against the event tables of Marten 9.58.</summary>
public static class AppendBatch
{
    private const string Call =
        "select fresh, event_id, event_version, event_recorded, event_fp, event_sent from ledger.append_facts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

    private sealed class Goal(ReadyEvent first)
    {
        public ReadyEvent First { get; } = first;

        public int Count { get; set; }

        public int Position { get; set; }
    }

    /// <summary>Appends all events, or none when some are stored already.</summary>
    /// <returns>Whether they were appended, with a row for each; otherwise a row for each that is stored already.</returns>
    /// <exception cref="PostgresException">23505: one of the ids was stored by somebody else at this moment; roll back and repeat.</exception>
    public static async Task<(bool Appended, List<StoredEvent> Events)> AppendAsync(
        NpgsqlConnection connection, IReadOnlyList<ReadyEvent> events, CancellationToken cancellation)
    {
        var (goals, targets, places) = Goals(events);
        await using var command = new NpgsqlCommand(Call, connection);
        Add(command, Array.ConvertAll(goals, g => g.First.Tenant), NpgsqlDbType.Text);
        Add(command, Array.ConvertAll(goals, g => g.First.Stream), NpgsqlDbType.Uuid);
        Add(command, Array.ConvertAll(goals, g => g.First.StreamType), NpgsqlDbType.Text);
        Add(command, Array.ConvertAll(goals, g => g.Count), NpgsqlDbType.Integer);
        Add(command, Each(e => e.EventId), NpgsqlDbType.Uuid);
        Add(command, Array.ConvertAll(targets, g => g.Position), NpgsqlDbType.Integer);
        Add(command, places, NpgsqlDbType.Integer);
        Add(command, Each(e => e.Type), NpgsqlDbType.Text);
        Add(command, Each(e => StoredNames.DotNet(e.Type)), NpgsqlDbType.Text);
        Add(command, Each(e => e.Body), NpgsqlDbType.Jsonb);
        Add(command, Each(e => e.Headers), NpgsqlDbType.Jsonb);
        Add(command, Each(e => e.CorrelationId), NpgsqlDbType.Text);
        Add(command, Each(e => e.Causation), NpgsqlDbType.Text);
        Add(command, Each(e => e.User), NpgsqlDbType.Text);

        // Costs nothing after the first time, and saves the plans inside the function: a connection that holds no prepared statement goes back to
        // the pool with DISCARD ALL. Not left to automatic preparation, under which the daemon's queries get generic plans that read whole tables.
        await command.PrepareAsync(cancellation);
        var appended = true;
        var stored = new List<StoredEvent>(events.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            appended = reader.GetBoolean(0);
            stored.Add(new(
                reader.GetGuid(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3), appended || reader.IsDBNull(4) ? null : reader.GetString(4),
                appended || reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return (appended, stored);

        T[] Each<T>(Func<ReadyEvent, T> of)
        {
            var values = new T[events.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = of(events[i]);
            }

            return values;
        }
    }

    private static void Add<T>(NpgsqlCommand command, T[] values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    /// <summary>The distinct streams in the order in which they are locked; for each event its stream, and its place among that stream's new events.</summary>
    private static (Goal[] Goals, Goal[] Targets, int[] Places) Goals(IReadOnlyList<ReadyEvent> events)
    {
        var byStream = new Dictionary<Guid, Goal>(events.Count);
        var targets = new Goal[events.Count];
        var places = new int[events.Count];
        for (var i = 0; i < places.Length; i++)
        {
            if (!byStream.TryGetValue(events[i].Stream, out var goal))
            {
                byStream.Add(events[i].Stream, goal = new Goal(events[i]));
            }

            targets[i] = goal;
            places[i] = ++goal.Count;
        }

        // Guid compares field by field, which is the order of its bytes in network order, and that is how PostgreSQL compares.
        Goal[] goals = [.. byStream.Values];
        Array.Sort(goals, static (a, b) => a.First.Stream.CompareTo(b.First.Stream));
        for (var i = 0; i < goals.Length; i++)
        {
            goals[i].Position = i + 1;
        }

        return (goals, targets, places);
    }
}
