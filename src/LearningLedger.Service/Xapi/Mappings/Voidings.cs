using LearningLedger.Events;
using LearningLedger.Mappings;
using Npgsql;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary>A statement that voids another, as far as the events it causes tell of it.</summary>
/// <param name="EventId">Id of its event.</param>
/// <param name="Occurred">When it happened.</param>
/// <param name="Source">URI of the platform.</param>
/// <param name="Actor">Who posted it.</param>
internal sealed record Voider(Guid EventId, DateTimeOffset Occurred, string Source, string Actor)
{
    /// <summary>Of a statement that is being stored.</summary>
    public static Voider Of(StatementRow row) => new(row.EventId, row.Occurred, row.Source, row.Request.Caller.Actor);
}

/// <summary>An event that a statement gave and that voiding it takes back.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="N">Its number among those of its statement, from 1.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Stream">The learner's stream.</param>
/// <param name="Type">Stored name.</param>
internal sealed record GivenEvent(Guid EventId, int N, string Tenant, Guid Stream, string Type);

/// <summary>Reads what voiding needs. The tenant's turn is held, alone where there are references, so nothing that is asked here can change until the commit.</summary>
internal static class Voidings
{
    /// <summary>For statements about to be stored: the first stored statement that voids each of them.</summary>
    public static async Task<Dictionary<(string Tenant, Guid Statement), Voider>> StoredVoidersAsync(
        NpgsqlConnection connection, IReadOnlyCollection<StatementRow> rows, CancellationToken cancellation)
    {
        var voiders = new Dictionary<(string, Guid), Voider>();
        if (rows.Count == 0)
        {
            return voiders;
        }

        await using var command = new NpgsqlCommand(
            """
            select distinct on (r.tenant, r.target) r.tenant, r.target, v.event_id, v.occurred, e.headers ->> 'source', e.headers ->> 'actor'
              from unnest($1, $2) as a (tenant, id) join xapi.reference r on r.tenant = a.tenant and r.target = a.id and r.voiding
              join xapi.statement v on v.tenant = r.tenant and v.id = r.id join ledger.mt_events e on e.id = v.event_id
              order by r.tenant, r.target, v.stored
            """,
            connection);
        command.Parameters.Add(new() { Value = rows.Select(r => r.Tenant).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(r => r.Statement.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            voiders[(reader.GetString(0), reader.GetGuid(1))] = new(
                reader.GetGuid(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetString(4), reader.GetString(5));
        }

        return voiders;
    }

    /// <summary>For voiding statements about to be stored: the events of the stored statements they are the first to void.</summary>
    public static async Task<List<(Voider Voider, Guid StatementEvent)>> StoredTargetsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<StatementRow> voiding, CancellationToken cancellation)
    {
        var first = voiding.DistinctBy(r => (r.Tenant, r.Statement.Target)).ToDictionary(r => (r.Tenant, r.Statement.Target!.Value));
        var targets = new List<(Voider, Guid)>();
        if (first.Count == 0)
        {
            return targets;
        }

        await using var command = new NpgsqlCommand(
            """
            select s.tenant, s.id, s.event_id from unnest($1, $2) as a (tenant, id)
              join xapi.statement s on s.tenant = a.tenant and s.id = a.id and not s.voiding and not s.voided
            """,
            connection);
        command.Parameters.Add(new() { Value = first.Keys.Select(k => k.Tenant).ToArray() });
        command.Parameters.Add(new() { Value = first.Keys.Select(k => k.Value).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            targets.Add((Voider.Of(first[(reader.GetString(0), reader.GetGuid(1))]), reader.GetGuid(2)));
        }

        return targets;
    }

    /// <summary>The attempts and evidence that stored statements gave and that still count.</summary>
    public static async Task<ILookup<Guid, GivenEvent>> GivenAsync(NpgsqlConnection connection, IReadOnlyCollection<Guid> statementEvents, CancellationToken cancellation)
    {
        var candidates = statementEvents.SelectMany(s => Enumerable.Range(1, StatementMapping.Most).Select(n => (Statement: s, N: n)))
            .ToDictionary(c => LedgerIds.Mapped(c.Statement, c.N));
        var given = new List<(Guid Statement, GivenEvent Event)>();
        if (candidates.Count > 0)
        {
            await using var command = new NpgsqlCommand(
                """
                select e.id, e.tenant_id, e.stream_id, e.type from ledger.mt_events e
                  where e.id = any ($1) and e.type in ('skill.attempted', 'evidence.submitted') and not exists (
                    select from ledger.mt_events v where v.tenant_id = e.tenant_id and v.stream_id = e.stream_id
                      and ((v.type = 'attempt.voided' and v.data ->> 'attempt' = e.id::text) or (v.type = 'evidence.withdrawn' and v.data ->> 'evidence' = e.data ->> 'evidence')))
                """,
                connection);
            command.Parameters.Add(new() { Value = candidates.Keys.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var (statement, n) = candidates[reader.GetGuid(0)];
                given.Add((statement, new(reader.GetGuid(0), n, reader.GetString(1), reader.GetGuid(2), reader.GetString(3))));
            }
        }

        return given.ToLookup(g => g.Statement, g => g.Event);
    }
}
