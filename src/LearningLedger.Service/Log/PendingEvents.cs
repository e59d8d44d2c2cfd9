using System.Buffers;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>A leaf ready to be appended.</summary>
/// <param name="Sequence">The event it stands for; null for leaves about the log itself.</param>
/// <param name="Bytes">The leaf.</param>
public readonly record struct NewLeaf(long? Sequence, byte[] Bytes);

/// <summary>How much was taken out of the outbox.</summary>
/// <param name="Events">Events.</param>
/// <param name="Oldest">When the first of them was recorded; meaningless for none.</param>
public readonly record struct TakenPage(int Events, DateTimeOffset Oldest);

/// <summary>Takes events out of the outbox and makes their leaves.</summary>
public sealed class PendingEvents(SaltKeys keys, Vault vault)
{
    // Pages in the order of their first numbers, the events of all of them by number. A later event of a stream has its number drawn after the lock
    // that the earlier one's commit gave up, and so has every event of its statement: its page begins beyond that of the earlier, and is not visible
    // before. An event can be on two pages, if it was noted again. "offset 0" has each event looked up by its number: how many there are cannot be told from arrays, and a guess too high reads the table.
    private const string Take =
        $"""
        with page as (
          select first_seq from (
            select first_seq, sum(cardinality(seqs)) over (order by first_seq) - cardinality(seqs) as before
              from (select first_seq, seqs from tlog.pending where tenant_id = $1 order by first_seq limit $2) waiting) counted
            where before < $2),
        taken as (
          delete from tlog.pending where tenant_id = $1 and first_seq in (select first_seq from page) returning seqs)
        select t.seq_id, e.seq_id is not null, {LoggedRow.Columns}
          from (select distinct unnest(seqs) as seq_id from taken order by 1) t
          left join lateral (select * from ledger.mt_events e where e.seq_id = t.seq_id and e.tenant_id = $1 offset 0) e on true
          order by t.seq_id
        """;

    /// <summary>Whose events wait, and whose log is to be signed. Skips from tenant to tenant, however many events wait.</summary>
    public const string Waiting =
        $"""
        with recursive tenants as (
          (select tenant_id from tlog.pending order by tenant_id limit 1)
          union all
          select (select p.tenant_id from tlog.pending p where p.tenant_id > t.tenant_id order by p.tenant_id limit 1) from tenants t where t.tenant_id is not null)
        select tenant_id from tenants where tenant_id is not null
        union
        select l.tenant from tlog.log l
          where l.checkpoint_size < l.size
            and {TenantLog.IsCurrent}
        """;

    /// <summary>The leaves of the next events of a tenant, taken out within the transaction of <paramref name="connection"/>.</summary>
    /// <returns>How many were taken, and their leaves; those that can have none are among the findings.</returns>
    public async Task<(TakenPage Taken, List<NewLeaf> Leaves, List<Finding> Findings)> TakeAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var rows = await ReadAsync(connection, tenant, findings, cancellation);
        var taken = new TakenPage(rows.Count + findings.Count, rows.Count > 0 ? rows[0].At : default);
        var salts = await keys.OfAsync(connection, tenant, rows.Select(r => r.Stream).ToHashSet(), cancellation);
        var tenantKey = rows.Any(r => r.IsErasure) ? await StreamKeys.OfTenantAsync(connection, vault, tenant, cancellation) : [];
        var leaves = new List<NewLeaf>(rows.Count);
        var (payload, leaf) = (new ArrayBufferWriter<byte>(2048), new ArrayBufferWriter<byte>(512));
        foreach (var row in rows)
        {
            try
            {
                leaf.ResetWrittenCount();
                row.Leaf(tenant, row.IsErasure ? tenantKey : salts[row.Stream], payload).Write(leaf);
                leaves.Add(new(row.Sequence, leaf.WrittenSpan.ToArray()));
            }
            catch (LeafException e)
            {
                findings.Add(Finding.Unloggable(tenant, row.Sequence, e.Message));
            }
        }

        return (taken, leaves, findings);
    }

    private static async Task<List<LoggedRow>> ReadAsync(NpgsqlConnection connection, string tenant, List<Finding> findings, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Take, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = Limits.LeavesPerCommit });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<LoggedRow>();
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetBoolean(1))
            {
                rows.Add(LoggedRow.Read(reader, 2));
            }
            else
            {
                findings.Add(Finding.DeletedBeforeLogging(tenant, reader.GetInt64(0)));
            }
        }

        return rows;
    }
}
