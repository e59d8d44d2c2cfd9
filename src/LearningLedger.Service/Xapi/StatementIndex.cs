using LearningLedger.Service.Xapi.Mappings;
using LearningLedger.Xapi;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Xapi;

/// <summary>The tables by which statements are found, written in the transaction that appends their events.</summary>
internal static class StatementIndex
{
    /// <summary>The lock of a tenant's statements, as SQL over the tenant: shared by all who store, alone for those who store references.</summary>
    /// <remarks>
    /// A statement and one that refers to it must not miss each other; references are rare, so they wait. Readers look at the holders to know how far
    /// what they see is complete, see <see cref="Consistency"/>.
    /// </remarks>
    public const string Turn = "hashtextextended('xapi/' || {0}, 40)";

    /// <summary>What is asked in the breath in which the turn is taken.</summary>
    /// <param name="Clock">The database's clock afterwards, whole microseconds.</param>
    /// <param name="Referred">Whether a stored statement refers to one of those to be stored.</param>
    /// <param name="Mappings">How many mappings each tenant has published that has published any.</param>
    public sealed record Taken(DateTimeOffset Clock, bool Referred, IReadOnlyDictionary<string, long> Mappings);

    /// <summary>Takes the tenants' turn.</summary>
    public static async Task<Taken> TakeTurnAsync(NpgsqlConnection connection, IReadOnlyCollection<StatementRequest> requests, CancellationToken cancellation)
    {
        var tenants = requests.GroupBy(r => r.Caller.Tenant).Select(g => (Tenant: g.Key, Alone: g.Any(r => r.Statements.Any(s => s.Target is not null))))
            .OrderBy(t => t.Tenant, StringComparer.Ordinal).ToList();
        var turn = string.Format(System.Globalization.CultureInfo.InvariantCulture, Turn, "t.tenant");
        await using var batch = new NpgsqlBatch(connection);
        var locks = new NpgsqlBatchCommand(
            $"select case when t.alone then pg_advisory_xact_lock({turn})::text else pg_advisory_xact_lock_shared({turn})::text end from unnest($1, $2) as t (tenant, alone)");
        Add(locks, tenants.Select(t => t.Tenant).ToArray(), NpgsqlDbType.Text);
        Add(locks, tenants.Select(t => t.Alone).ToArray(), NpgsqlDbType.Boolean);
        batch.BatchCommands.Add(locks);
        var asked = new NpgsqlBatchCommand(
            """
            select clock_timestamp(), exists (
              select from unnest($1, $2) as a (tenant, id), lateral (select from xapi.reference r where r.tenant = a.tenant and r.target = a.id limit 1) r)
            """);
        Add(asked, requests.SelectMany(r => r.Statements.Select(_ => r.Caller.Tenant)).ToArray(), NpgsqlDbType.Text);
        Add(asked, requests.SelectMany(r => r.Statements.Select(s => s.Id)).ToArray(), NpgsqlDbType.Uuid);
        batch.BatchCommands.Add(asked);
        tenants.ForEach(t => batch.BatchCommands.Add(MappingCatalogue.Count(t.Tenant)));
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var (clock, referred) = (reader.GetFieldValue<DateTimeOffset>(0), reader.GetBoolean(1));
        var mappings = new Dictionary<string, long>();
        foreach (var (tenant, _) in tenants)
        {
            await reader.NextResultAsync(cancellation);
            await reader.ReadAsync(cancellation);
            if (reader.GetInt64(0) is > 0 and var published)
            {
                mappings[tenant] = published;
            }
        }

        return new Taken(clock, referred, mappings);
    }

    /// <summary>Which of the statements are stored already.</summary>
    public static async Task<Dictionary<(string Tenant, Guid Id), KnownStatement>> KnownAsync(
        NpgsqlConnection connection, IEnumerable<StatementRequest> requests, CancellationToken cancellation)
    {
        var asked = requests.SelectMany(r => r.Statements.Select(s => (r.Caller.Tenant, s.Id))).ToList();
        await using var command = new NpgsqlCommand(
            """
            select s.tenant, s.id, s.digest, s.occurred, e.version, e.timestamp, e.headers ->> 'sent' from unnest($1, $2) as a (tenant, id)
              join xapi.statement s on s.tenant = a.tenant and s.id = a.id join ledger.mt_events e on e.id = s.event_id
            """,
            connection);
        command.Parameters.Add(new() { Value = asked.Select(a => a.Tenant).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(a => a.Id).ToArray() });
        var known = new Dictionary<(string, Guid), KnownStatement>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            known[(reader.GetString(0), reader.GetGuid(1))] = new(
                reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetString(6));
        }

        return known;
    }

    /// <summary>Adds statements.</summary>
    /// <param name="connection">In the transaction that stores them.</param>
    /// <param name="rows">The statements.</param>
    /// <param name="referred">Whether a stored statement refers to one of them.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task AddAsync(NpgsqlConnection connection, List<StatementRow> rows, bool referred, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Rows(rows));
        if (Definitions(rows) is { } definitions)
        {
            batch.BatchCommands.Add(definitions);
        }

        // Prepared like the append, see there: what they are planned for is the same whatever they are given.
        await batch.PrepareAsync(cancellation);
        if (referred || rows.Exists(r => r.Statement.Target is not null))
        {
            foreach (var tenant in rows.GroupBy(r => r.Tenant))
            {
                AddFollowing(batch, tenant.Key, [.. tenant.Select(r => r.Statement.Id)]);
            }
        }

        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlBatchCommand Rows(List<StatementRow> rows)
    {
        // Keys of all statements in one array, of which each has a part.
        var keys = new List<Guid>(rows.Count * 8);
        var ends = new int[rows.Count];
        for (var i = 0; i < ends.Length; i++)
        {
            rows[i].AddMentionKeys(keys);
            ends[i] = keys.Count;
        }

        // All mentions in the order of their key, so that concurrent transactions meet at the same end.
        var command = new NpgsqlBatchCommand(
            """
            with posted as (
              select tenant, id, stored, event_id, stream, digest, occurred, ($8::uuid[])[first:last] as keys, posted_by, target, voiding
                from unnest($1, $2, $3, $4, $5, $6, $7, $9, $10, $11, $12, $13) as p (tenant, id, stored, event_id, stream, digest, occurred, posted_by, target, voiding, first, last)),
            stored as (
              insert into xapi.statement (tenant, id, stored, event_id, stream, digest, occurred, keys, posted_by, voiding)
                select tenant, id, stored, event_id, stream, digest, occurred, keys, posted_by, voiding from posted order by tenant, id),
            mentioned as (
              insert into xapi.mention (key, stored, id)
                select k.key, p.stored, p.id from posted p cross join lateral unnest(p.keys) as k (key) order by 1, 2, 3)
            insert into xapi.reference (tenant, target, id, voiding) select tenant, target, id, voiding from posted where target is not null
            """);
        Add(command, rows.Select(r => r.Tenant).ToArray(), NpgsqlDbType.Text);
        Add(command, rows.Select(r => r.Statement.Id).ToArray(), NpgsqlDbType.Uuid);
        Add(command, rows.Select(r => r.Stored).ToArray(), NpgsqlDbType.TimestampTz);
        Add(command, rows.Select(r => r.EventId).ToArray(), NpgsqlDbType.Uuid);
        Add(command, rows.Select(r => r.Stream).ToArray(), NpgsqlDbType.Uuid);
        Add(command, rows.Select(r => r.Digest).ToArray(), NpgsqlDbType.Bytea);
        Add(command, rows.Select(r => r.Occurred).ToArray(), NpgsqlDbType.TimestampTz);
        Add(command, [.. keys], NpgsqlDbType.Uuid);
        Add(command, rows.Select(r => r.Request.Caller.KeyId).ToArray(), NpgsqlDbType.Text);
        Add(command, rows.Select(r => r.Statement.Target).ToArray(), NpgsqlDbType.Uuid);
        Add(command, rows.Select(r => r.Statement.Voiding).ToArray(), NpgsqlDbType.Boolean);
        Add(command, ends.Select((_, i) => i == 0 ? 1 : ends[i - 1] + 1).ToArray(), NpgsqlDbType.Integer);
        Add(command, ends, NpgsqlDbType.Integer);
        return command;
    }

    private static NpgsqlBatchCommand? Definitions(List<StatementRow> rows)
    {
        var said = new Dictionary<(string Tenant, Guid Key), string>();
        foreach (var row in rows)
        {
            foreach (var (id, json) in row.Statement.Definitions)
            {
                var place = (row.Tenant, row.TenantKey.OfActivity(id));
                said[place] = said.TryGetValue(place, out var earlier) && earlier != json ? ActivityDefinitions.Merged(earlier, json) : json;
            }
        }

        if (said.Count == 0)
        {
            return null;
        }

        // Rows that would not change are not touched: everybody speaks of the same few activities, and a row touched is locked until the commit.
        var command = new NpgsqlBatchCommand(
            """
            insert into xapi.activity as a (tenant, key, definition)
              select s.tenant, s.key, s.definition from unnest($1, $2, $3) as s (tenant, key, definition)
                left join lateral (select k.definition from xapi.activity k where k.tenant = s.tenant and k.key = s.key limit 1) k on true
                where k.definition is null or (k.definition <> s.definition and k.definition <> xapi.merged(k.definition, s.definition))
                order by s.tenant, s.key
              on conflict (tenant, key) do update set definition = xapi.merged(a.definition, excluded.definition)
            """);
        Add(command, said.Select(s => s.Key.Tenant).ToArray(), NpgsqlDbType.Text);
        Add(command, said.Select(s => s.Key.Key).ToArray(), NpgsqlDbType.Uuid);
        Add(command, said.Select(s => s.Value).ToArray(), NpgsqlDbType.Jsonb);
        return command;
    }

    private static void AddFollowing(NpgsqlBatch batch, string tenant, Guid[] ids)
    {
        var follow = new NpgsqlBatchCommand(
            "select xapi.follow_references($1, $2) where exists (select from xapi.reference r where r.tenant = $1 and (r.id = any ($2) or r.target = any ($2)))");
        var end = new NpgsqlBatchCommand(
            """
            update xapi.statement s set voided = true from xapi.reference r
              where r.tenant = $1 and r.voiding and (r.id = any ($2) or r.target = any ($2))
                and s.tenant = $1 and s.id = r.target and not s.voiding and not s.voided
            """);
        foreach (var command in (NpgsqlBatchCommand[])[follow, end])
        {
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = ids });
            batch.BatchCommands.Add(command);
        }
    }

    private static void Add<T>(NpgsqlBatchCommand command, T[] values, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
}
