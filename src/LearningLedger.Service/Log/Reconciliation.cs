using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Holds events and logs against each other, both ways, at start and once a day. What does not agree is kept as findings.</summary>
public sealed class Reconciliation(NpgsqlDataSource database, LedgerAudit audit, TimeProvider time, ILogger<Reconciliation> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(24);

    /// <summary>A round that nobody waits for rests so many times as long as it works: a large ledger takes minutes, of which its users should notice nothing.</summary>
    private const int Rest = 9;

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

    private static readonly string Note = Outbox.Note("select $1 as tenant_id, unnest($2) as seq_id");

    /// <summary>One pass over a tenant.</summary>
    /// <returns>All that is known not to agree there, of this pass and of earlier ones.</returns>
    public Task<IReadOnlyList<Finding>> ReconcileAsync(string tenant, CancellationToken cancellation) => ReconcileAsync(tenant, _ => Task.CompletedTask, cancellation);

    private async Task<IReadOnlyList<Finding>> ReconcileAsync(string tenant, Func<TimeSpan, Task> rest, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var unlogged = await LedgerAudit.UnloggedAsync(connection, tenant, cancellation);
        if (unlogged.Count > 0)
        {
            await NoteAsync(connection, tenant, unlogged, cancellation);
        }

        var found = await audit.FindAsync(connection, tenant, [], rest, cancellation);
        found.AddRange(unlogged.Select(sequence => Finding.RowWithoutLeaf(tenant, sequence)));
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
            await using (var command = database.CreateCommand(Tenants))
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    tenants.Add(reader.GetString(0));
                }
            }

            foreach (var tenant in tenants)
            {
                foreach (var kind in (await ReconcileAsync(tenant, took => Task.Delay(took * Rest, time, cancellation), cancellation)).GroupBy(f => f.Kind))
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

    /// <summary>Has them logged late. If somebody else had the same thought they are noted twice, and logged once.</summary>
    private static async Task NoteAsync(NpgsqlConnection connection, string tenant, List<long> sequences, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Note, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = sequences.ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
