using System.Diagnostics;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Erasure;

/// <summary>What became of an erasure.</summary>
public abstract record ErasureOutcome
{
    /// <summary>The learner is erased, now or since earlier.</summary>
    public sealed record Done(ErasedLearner Erased) : ErasureOutcome;

    /// <summary>No such learner in this tenant.</summary>
    public sealed record UnknownLearner : ErasureOutcome;

    /// <summary>Nothing was done: the learner is linked to another, or another to the learner, and that one's events would stay.</summary>
    public sealed record Linked : ErasureOutcome;

    /// <summary>Nothing was done: events of the learner wait to be logged.</summary>
    public sealed record TooEarly : ErasureOutcome;
}

/// <summary>Erases learners, each in one transaction: the event, the masked rows, the key, the identifiers, and what else is kept of them.</summary>
/// <remarks>
/// What is masked must have been logged as it was. An erasure waits until the learner's events of its beginning are; then it takes its locks, and waits a
/// moment for those that came meanwhile: a learner for whom somebody posts all the time would else never be erased.
/// Locks come in the order in which posts take them: the tenant's statements, identities, the stream. A post under way is thus either erased with the
/// rest, or finds the learner gone and begins with a new one. A kill at any instant leaves all of it or nothing.
/// </remarks>
public sealed class LearnerErasures(NpgsqlDataSource database, Vault vault, IEnumerable<EraseToo> others, IEnumerable<Forget> memories)
{
    /// <summary>Erases.</summary>
    /// <param name="by">Who decided it.</param>
    /// <param name="learner">Whom.</param>
    /// <param name="ground">Code of the legal ground.</param>
    /// <param name="reference">Where the request is filed, or null.</param>
    /// <param name="cancellation">Ends the wait for the log; an erasure under way is done or not, never in part.</param>
    public async Task<ErasureOutcome> EraseAsync(DecidedBy by, Guid learner, string ground, string? reference, CancellationToken cancellation)
    {
        var patience = Stopwatch.StartNew();
        for (var tries = 1; ; tries++)
        {
            try
            {
                var outcome = await TryAsync(by, learner, ground, reference, Limits.ErasureWait - patience.Elapsed, cancellation);
                if (outcome is not ErasureOutcome.TooEarly || patience.Elapsed >= Limits.ErasureWait)
                {
                    return outcome;
                }

                tries = 0;
            }
            catch (PostgresException e) when (
                e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure && tries < Limits.Tries)
            {
                // Somebody else was quicker; on fresh sight the learner is erased already, or it is our turn.
            }
        }
    }

    private async Task<ErasureOutcome> TryAsync(
        DecidedBy by, Guid learner, string ground, string? reference, TimeSpan patience, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await Erasures.FindAsync(connection, by.Tenant, learner, cancellation) is { } before)
        {
            return new ErasureOutcome.Done(before);
        }

        if (!await UntilLoggedAsync(connection, by.Tenant, learner, patience, cancellation))
        {
            return new ErasureOutcome.TooEarly();
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var erase in others)
        {
            await erase(connection, by.Tenant, learner, cancellation);
        }

        if (await LockAsync(connection, by.Tenant, learner, cancellation) is not { } version)
        {
            return new ErasureOutcome.UnknownLearner();
        }

        if (await Erasures.FindAsync(connection, by.Tenant, learner, cancellation) is { } meanwhile)
        {
            return new ErasureOutcome.Done(meanwhile);
        }

        await using (var linked = new NpgsqlCommand("select exists (select from registry.link where tenant = $1 and $2 in (learner, lead))", connection))
        {
            linked.Parameters.Add(new() { Value = by.Tenant });
            linked.Parameters.Add(new() { Value = learner });
            if (await linked.ExecuteScalarAsync(cancellation) is true)
            {
                return new ErasureOutcome.Linked();
            }
        }

        if (!await UntilLoggedAsync(connection, by.Tenant, learner, Limits.ErasureHolds, cancellation))
        {
            return new ErasureOutcome.TooEarly();
        }

        var (_, stored) = await AppendBatch.AppendAsync(
            connection, [await ReadyAsync(connection, by, learner, new LearnerErased(learner, ground, reference), version + 1, cancellation)], cancellation);
        await using (var mask = new NpgsqlCommand("select ledger.erase_learner($1, $2)", connection) { CommandTimeout = 0 })
        {
            mask.Parameters.Add(new() { Value = by.Tenant });
            mask.Parameters.Add(new() { Value = learner });
            await mask.ExecuteNonQueryAsync(cancellation);
        }

        // Cancelling a commit leaves open whether it happened; better to know.
        await transaction.CommitAsync(CancellationToken.None);
        Telemetry.Recorded([EventCatalog.Of(typeof(LearnerErased)).Name], by.Actor);
        foreach (var forget in memories)
        {
            forget(new HashSet<(string, Guid)> { (by.Tenant, learner) });
        }

        return new ErasureOutcome.Done(new ErasedLearner(stored[0].EventId, stored[0].Version, stored[0].Recorded));
    }

    /// <summary>Waits until the learner's events that are recorded now are logged.</summary>
    /// <returns>False: some are not yet, and it has taken too long.</returns>
    private static async Task<bool> UntilLoggedAsync(NpgsqlConnection connection, string tenant, Guid learner, TimeSpan patience, CancellationToken cancellation)
    {
        await using var last = new NpgsqlCommand("select version from ledger.mt_streams where tenant_id = $1 and id = $2", connection);
        last.Parameters.Add(new() { Value = tenant });
        last.Parameters.Add(new() { Value = learner });
        var version = await last.ExecuteScalarAsync(cancellation) as long? ?? 0;
        await using var logged = new NpgsqlCommand(
            """
            select true where not exists (select from ledger.mt_events e
              where e.tenant_id = $1 and e.stream_id = $2 and e.version <= $3 and e.seq_id in (select unnest(p.seqs) from tlog.pending p where p.tenant_id = $1))
            """,
            connection);
        logged.Parameters.Add(new() { Value = tenant });
        logged.Parameters.Add(new() { Value = learner });
        logged.Parameters.Add(new() { Value = version });
        return await Prefer.UntilAsync(patience, () => logged.ExecuteScalarAsync(cancellation), cancellation) is not null;
    }

    /// <summary>Locks the identities, then the stream.</summary>
    /// <returns>The stream's version; null: there is none.</returns>
    private static async Task<long?> LockAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[
            "select from registry.identity where tenant = $1 and learner = $2 order by scheme, issuer, value for update",
            "select version from ledger.mt_streams where tenant_id = $1 and id = $2 and type = 'learner' for update"])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = learner });
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? reader.GetInt64(0) : null;
    }

    /// <summary>The event. Its fingerprint is under the tenant's key, as its salt will be: the learner's is destroyed.</summary>
    private async Task<ReadyEvent> ReadyAsync(
        NpgsqlConnection connection, DecidedBy by, Guid learner, LearnerErased erased, long version, CancellationToken cancellation)
    {
        await using var clock = new NpgsqlCommand("select clock_timestamp()", connection);
        var occurred = LedgerJson.Microseconds(new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellation))!));
        var key = await StreamKeys.OfTenantAsync(connection, vault, by.Tenant, cancellation);
        var type = EventCatalog.Of(typeof(LearnerErased)).Name;
        var body = JsonSerializer.SerializeToUtf8Bytes(erased, LedgerJson.Options);
        var fingerprint = Fingerprint.Of(key, type, learner.ToString("D"), occurred, body);
        return new ReadyEvent(
            LedgerIds.Decision(by.Tenant, learner, version), by.Tenant, learner, StoredNames.Of(StreamFamily.Learner), type, body,
            EventHeaders.Json(occurred, null, by.Actor, fingerprint, sent: null), fingerprint, by.CorrelationId, by.User);
    }
}
