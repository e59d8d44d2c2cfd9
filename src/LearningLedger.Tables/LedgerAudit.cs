using System.Runtime.CompilerServices;
using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Tables;

/// <summary>Holds a tenant's events and log against each other, both ways; changes nothing. The one set of rules of the service's reconciliation and of <c>ledger-verify db</c>.</summary>
/// <param name="vault">Opens the keys that salts follow from.</param>
public sealed class LedgerAudit(Vault vault)
{
    // One statement, which log it is included: it sees an event either in the outbox or with its leaf, never in between. A log looked up before may be
    // none yet, and then the first events of a new tenant would be taken for unlogged ones.
    private const string Unlogged =
        """
        select e.seq_id from ledger.mt_events e
          where e.tenant_id = $1
            and not exists (
              select from tlog.entry n where n.log = (select log from tlog.log where tenant = $1 order by epoch desc limit 1) and n.seq_id = e.seq_id)
            and not exists (select from (select unnest(p.seqs) as seq_id from tlog.pending p where p.tenant_id = $1) w where w.seq_id = e.seq_id)
          order by e.seq_id
        """;

    // A stream of version 0 is the one that Marten makes for its tombstones when a decision lost its race. Whose events were deleted is told by their leaves.
    // Nothing in the database keeps an event from being there without its stream: each append writes both, and that is looked at here too.
    private const string Streams =
        """
        select * from (
          select e.stream_id, e.last, e.events, e.last <> e.events or e.first <> 1 as has_gap, s.version is null or s.version > 0 and s.version < e.last as is_behind
            from (select stream_id, min(version) as first, max(version) as last, count(*) as events from ledger.mt_events where tenant_id = $1 group by stream_id) e
            left join ledger.mt_streams s on s.tenant_id = $1 and s.id = e.stream_id) seen
          where has_gap or is_behind
        union all
        select s.id, s.version, (select count(*) from ledger.mt_events e where e.tenant_id = $1 and e.stream_id = s.id), true, false from ledger.mt_streams s
          where s.tenant_id = $1 and s.version > 0
            and not exists (select from ledger.mt_events e where e.tenant_id = $1 and e.stream_id = s.id and e.version = s.version)
        """;

    private const string NotErased =
        """
        select x.learner from registry.erasure x where x.tenant = $1
          and (exists (select from vault.learner_key k where k.tenant = $1 and k.learner = x.learner)
            or exists (select from registry.identity i where i.tenant = $1 and i.learner = x.learner)
            or exists (select from ledger.mt_events e where e.tenant_id = $1 and e.stream_id = x.learner and e.version < x.version and e.data <> '{}'))
        """;

    private readonly RowAudit rows = new(vault);

    /// <summary>Events that have no leaf and wait for none: they came past the log's trigger.</summary>
    /// <returns>Their sequences, rising.</returns>
    public static async Task<List<long>> UnloggedAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        var sequences = new List<long>();
        await foreach (var row in ReadAsync(connection, Unlogged, tenant, cancellation))
        {
            sequences.Add(row.GetInt64(0));
        }

        return sequences;
    }

    /// <summary>What else does not agree.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="signed">Checkpoints of the tenant's log, beside the one the database holds, that its leaves must lead to.</param>
    /// <param name="rest">Called now and then with the time the last piece of work took: who has no hurry waits, and leaves the machine to others.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<Finding>> FindAsync(
        NpgsqlConnection connection, string tenant, IReadOnlyCollection<Checkpoint> signed, Func<TimeSpan, Task> rest, CancellationToken cancellation)
    {
        var found = new List<Finding>();
        var current = await TenantLog.FindAsync(connection, tenant, cancellation);
        await foreach (var row in ReadAsync(connection, Streams, tenant, cancellation))
        {
            var (stream, last) = (row.GetGuid(0), row.GetInt64(1));
            if (row.GetBoolean(3))
            {
                found.Add(Finding.VersionGap(tenant, stream, last, row.GetInt64(2)));
            }

            if (row.GetBoolean(4))
            {
                found.Add(Finding.StreamBehind(tenant, stream, last));
            }
        }

        await foreach (var row in ReadAsync(connection, NotErased, tenant, cancellation))
        {
            found.Add(Finding.NotErased(tenant, row.GetGuid(0)));
        }

        if (current is not null)
        {
            found.AddRange(await rows.FindAsync(connection, current, signed, rest, cancellation));
        }

        return found;
    }

    private static async IAsyncEnumerable<NpgsqlDataReader> ReadAsync(
        NpgsqlConnection connection, string sql, string tenant, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return reader;
        }
    }
}
