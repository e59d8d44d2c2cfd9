using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Holds events and logs against each other, both ways, at start and once a day. What does not agree is kept as findings.</summary>
public sealed class Reconciliation(NpgsqlDataSource database, RowAudit audit, TimeProvider time, ILogger<Reconciliation> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(24);

    private const string Tenants =
        """
        with recursive tenants as (
          (select tenant_id from ledger.mt_streams order by tenant_id limit 1)
          union all
          select (select s.tenant_id from ledger.mt_streams s where s.tenant_id > t.tenant_id order by s.tenant_id limit 1) from tenants t where t.tenant_id is not null)
        select tenant_id::text from tenants where tenant_id is not null
        union
        select tenant from tlog.log
        """;

    // One statement, which log it is included: it sees an event either in the outbox or with its leaf, never in between. A log looked up before may be
    // none yet, and then the first events of a new tenant would be taken for unlogged ones.
    private static readonly string Unlogged =
        $"""
        with missing as materialized (
          select e.tenant_id, e.seq_id from ledger.mt_events e
            where e.tenant_id = $1
              and not exists (
                select from tlog.entry n where n.log = (select log from tlog.log where tenant = $1 order by epoch desc limit 1) and n.seq_id = e.seq_id)
              and not exists (select from (select unnest(p.seqs) as seq_id from tlog.pending p where p.tenant_id = $1) w where w.seq_id = e.seq_id)),
        noted as (
          {Outbox.Note("select tenant_id, seq_id from missing")})
        select seq_id from missing order by seq_id
        """;

    // A stream of version 0 is the one that Marten makes for its tombstones when a decision lost its race. Whose events were deleted is told by their leaves.
    private const string Gaps =
        """
        select stream_id, max(version), count(*) from ledger.mt_events where tenant_id = $1 group by stream_id having max(version) <> count(*) or min(version) <> 1
        union
        select s.id, s.version, (select count(*) from ledger.mt_events e where e.tenant_id = $1 and e.stream_id = s.id) from ledger.mt_streams s
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

    /// <summary>One pass over a tenant.</summary>
    /// <returns>All that is known not to agree there, of this pass and of earlier ones.</returns>
    public async Task<IReadOnlyList<Finding>> ReconcileAsync(string tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var found = new List<Finding>();
        var current = await TenantLog.FindAsync(connection, tenant, cancellation);
        await foreach (var row in ReadAsync(connection, Unlogged, [tenant], cancellation))
        {
            found.Add(Finding.RowWithoutLeaf(tenant, row.GetInt64(0)));
        }

        await foreach (var row in ReadAsync(connection, Gaps, [tenant], cancellation))
        {
            found.Add(Finding.VersionGap(tenant, row.GetGuid(0), row.GetInt64(1), row.GetInt64(2)));
        }

        await foreach (var row in ReadAsync(connection, NotErased, [tenant], cancellation))
        {
            found.Add(Finding.NotErased(tenant, row.GetGuid(0)));
        }

        if (current is not null)
        {
            found.AddRange(await audit.FindAsync(connection, current, cancellation));
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Finding.DropAsync(connection, tenant, Finding.Recurring, cancellation);
        await Finding.KeepAsync(connection, [.. found.GroupBy(f => f.Kind).SelectMany(kind => kind.Take(Limits.FaultsListed))], cancellation);
        await transaction.CommitAsync(cancellation);
        return await Finding.ReadAsync(connection, tenant, cancellation);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Every, time, RoundAsync, stoppingToken);

    private async Task RoundAsync(CancellationToken cancellation)
    {
        try
        {
            var tenants = new List<string>();
            await using (var connection = await database.OpenConnectionAsync(cancellation))
            {
                await foreach (var row in ReadAsync(connection, Tenants, [], cancellation))
                {
                    tenants.Add(row.GetString(0));
                }
            }

            foreach (var tenant in tenants)
            {
                foreach (var kind in (await ReconcileAsync(tenant, cancellation)).GroupBy(f => f.Kind))
                {
                    log.Disagreement(tenant, kind.Key, kind.Count());
                }
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.ReconciliationFailed(e);
        }
    }

    private static async IAsyncEnumerable<NpgsqlDataReader> ReadAsync(
        NpgsqlConnection connection, string sql, object[] values, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return reader;
        }
    }
}
