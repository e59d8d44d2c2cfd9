using System.Collections.Concurrent;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// Writes the tenants' logs: events from the outbox become leaves in one transaction; what was written is read back and computed again; then
/// the signer is asked. A crash between any two steps leaves something that the next round carries on from.
/// </summary>
public sealed class Sequencer(
    NpgsqlDataSource database, PendingEvents pending, LogWriter writer, RecentHeads recent, Signer signer, Publication publication, LedgerSettings settings, ILogger<Sequencer> log)
{
    // A refused or damaged log is looked at again, but not ten times a second.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly string DropLogged =
        $"""
        with logged as materialized (
          select p.first_seq, s.seq_id from tlog.pending p cross join unnest(p.seqs) s (seq_id)
            where p.tenant_id = $1
              and exists (select from tlog.entry n where n.seq_id = s.seq_id and n.log = (select log from tlog.log where tenant = $1 order by epoch desc limit 1))),
        taken as (
          delete from tlog.pending p where p.tenant_id = $1 and p.first_seq in (select first_seq from logged) returning p.tenant_id, p.seqs)
        {Outbox.Note("select t.tenant_id, s as seq_id from taken t cross join unnest(t.seqs) s where s not in (select seq_id from logged)")}
        """;

    // Why a tenant's log was not signed and how long it is left alone; no reason when it was. Of a tenant that is not here this service has not asked yet.
    private readonly ConcurrentDictionary<string, (string? Finding, DateTimeOffset Until)> said = new();
    private readonly ConcurrentDictionary<int, long> checkedTo = new();

    /// <summary>Takes a log forward by one page.</summary>
    /// <returns>What was taken from the outbox; a full page means that there is likely more.</returns>
    public async Task<TakenPage> AdvanceAsync(string tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (taken, current) = await AppendAsync(connection, tenant, cancellation);
        if (current is not null && current.CheckpointSize < current.Size)
        {
            await SignAsync(connection, current, cancellation);
        }

        return taken;
    }

    /// <summary>Takes out of the outbox what has a leaf already: somebody noted it twice.</summary>
    public async Task DropLoggedAsync(string tenant, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(DropLogged);
        command.Parameters.Add(new() { Value = tenant });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<(TakenPage Taken, TenantLog? Log)> AppendAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await LogWriter.TryLockAsync(connection, tenant, cancellation))
        {
            return (default, null);
        }

        var current = await TenantLog.FindOrOpenAsync(connection, tenant, cancellation);
        var (taken, leaves, findings) = await pending.TakeAsync(connection, tenant, cancellation);
        await Finding.KeepAsync(connection, findings, cancellation);
        if (leaves.Count > 0)
        {
            current = await writer.AppendAsync(connection, current, leaves, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        Telemetry.LeavesLogged.Add(leaves.Count);
        return (taken, current);
    }

    /// <summary>
    /// Has the signer sign what a log holds, and publishes that; what it signed already is dated anew. Where it refuses, that is a finding, and it is asked
    /// again ten seconds later.
    /// </summary>
    /// <param name="connection">In no transaction.</param>
    /// <param name="current">The log as it was a moment ago.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task SignAsync(NpgsqlConnection connection, TenantLog current, CancellationToken cancellation)
    {
        var wasAsked = said.TryGetValue(current.Tenant, out var before);
        if (DateTimeOffset.UtcNow < before.Until)
        {
            return;
        }

        if (current.CheckpointSize < current.Size && await FaultAsync(connection, current, cancellation) is { } fault)
        {
            await StopAsync(connection, Finding.Altered(current.Tenant, $"What was read back of {LogOrigins.Of(settings.Log.Origin!, current)} is not what was written: {fault}."), cancellation);
            return;
        }

        var (isAsked, last) = (false, (Checkpoint?)null);
        try
        {
            var next = new Checkpoint(LogOrigins.Of(settings.Log.Origin!, current), current.Size, current.Root);
            (last, isAsked) = (signer.Last(current.Tenant, current.Checkpoint), true);
            var proof = last is { Size: > 0 } && last.Size < next.Size
                ? await StoredTiles.ProveAsync(connection, current.Log, ProofPlan.Consistency(last.Size, next.Size), cancellation)
                : [];
            await publication.PublishAsync(connection, current, signer.Sign(current.Tenant, next, proof), cancellation);
        }
        catch (Exception e) when (e is SignerRefusal or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Somebody else may have logged or signed more since this was looked at; that is no disagreement.
            var isOvertaken = isAsked && signer.Last(current.Tenant)?.Text != last?.Text;
            if (!isOvertaken && (await TenantLog.FindAsync(connection, current.Tenant, cancellation))!.Size == current.Size)
            {
                await StopAsync(connection, Finding.NotSigned(current.Tenant, e.Message), cancellation);
            }

            return;
        }

        // What was found is over, also what was found of the signer before a restart. Whether what was altered then still is, the audit says.
        if (!wasAsked || before.Finding is not null)
        {
            await Finding.DropAsync(connection, current.Tenant, [Finding.NotSignedKind, before.Finding ?? Finding.NotSignedKind], cancellation);
            said[current.Tenant] = default;
        }
    }

    private async Task<string?> FaultAsync(NpgsqlConnection connection, TenantLog current, CancellationToken cancellation)
    {
        var known = Math.Max(checkedTo.GetValueOrDefault(current.Log), current.CheckpointSize);
        var (fault, heads) = await ReadBack.CheckAsync(connection, current, known <= current.Size ? known : 0, cancellation);
        if (fault is null)
        {
            checkedTo[current.Log] = current.Size;
            recent.Keep(current.Log, heads);
        }

        return fault;
    }

    private async Task StopAsync(NpgsqlConnection connection, Finding finding, CancellationToken cancellation)
    {
        said[finding.Tenant] = (finding.Kind, DateTimeOffset.UtcNow + Pause);
        Telemetry.LogsUnsigned.Add(1);
        log.LogNotSigned(finding.Tenant, finding.Detail);
        await Finding.KeepAsync(connection, [finding], cancellation);
    }
}
