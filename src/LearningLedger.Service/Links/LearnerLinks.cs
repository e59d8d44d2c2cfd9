using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Links;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using LearningLedger.Transcripts;
using Npgsql;

namespace LearningLedger.Service.Links;

/// <summary>What became of joining or splitting.</summary>
public abstract record LinkOutcome
{
    /// <summary>It is recorded in both streams.</summary>
    public sealed record Done : LinkOutcome;

    /// <summary>Nothing was recorded.</summary>
    public sealed record Refused(Refusal Refusal) : LinkOutcome;

    /// <summary>No such learner in this tenant.</summary>
    public sealed record Unknown(Guid Learner) : LinkOutcome;

    /// <summary>The learner was erased.</summary>
    public sealed record Erased(Guid Learner, DateTimeOffset Since) : LinkOutcome;

    /// <summary>Others wrote to these streams without pause.</summary>
    public sealed record Contended : LinkOutcome;
}

/// <summary>Joins learners who are one person, and splits them: both streams say so, and the identifiers follow, in one transaction.</summary>
/// <remarks>
/// Locks come in the order in which posts take them: identities, then streams. A post under way is either recorded before, or finds whom its
/// identifier means now.
/// </remarks>
public sealed class LearnerLinks(NpgsqlDataSource database, Vault vault, IEnumerable<Forget> memories)
{
    private const string Join = "update registry.identity set learner = $2, joined_from = learner where tenant = $1 and learner = $3";
    private const string Split = "update registry.identity set learner = joined_from, joined_from = null where tenant = $1 and learner = $2 and joined_from = $3";
    private const string Linked = "insert into registry.link (tenant, lead, learner) values ($1, $2, $3)";
    private const string Ended = "delete from registry.link where tenant = $1 and lead = $2 and learner = $3";
    private const string Moved = "insert into registry.identity_move (tenant, learner) values ($1, $2), ($1, $3)";

    private sealed record Side(Guid Learner, Transcript Transcript, byte[] Key);

    /// <summary>Links a learner to the one who leads.</summary>
    public Task<LinkOutcome> LinkAsync(DecidedBy by, Guid lead, Guid follower, string? reason, string? note, CancellationToken cancellation) => RepeatAsync(
        by, lead, follower, (l, f) => LinkRules.Link(l, f, reason),
        (other, leads, seal) => new LearnerLinked(other, leads, reason!, seal(note)), [Join, Linked, Moved], cancellation);

    /// <summary>Ends the link.</summary>
    public Task<LinkOutcome> UnlinkAsync(DecidedBy by, Guid lead, Guid follower, string? reason, string? note, CancellationToken cancellation) => RepeatAsync(
        by, lead, follower, (l, _) => LinkRules.Unlink(l, follower, reason),
        (other, leads, seal) => new LearnerUnlinked(other, leads, reason!, seal(note)), [Split, Ended, Moved], cancellation);

    private async Task<LinkOutcome> RepeatAsync(
        DecidedBy by, Guid lead, Guid follower, Func<Transcript, Transcript, Refusal?> check, Func<Guid, bool, Func<string?, Sealed?>, ILedgerEvent> say, string[] then,
        CancellationToken cancellation)
    {
        for (var tries = 1; tries <= Limits.Tries; tries++)
        {
            try
            {
                return await TryAsync(by, lead, follower, check, say, then, cancellation);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                // Somebody else was quicker; on fresh sight it is our turn, or there is nothing left to do.
            }
        }

        return new LinkOutcome.Contended();
    }

    private async Task<LinkOutcome> TryAsync(
        DecidedBy by, Guid lead, Guid follower, Func<Transcript, Transcript, Refusal?> check, Func<Guid, bool, Func<string?, Sealed?>, ILedgerEvent> say, string[] then,
        CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAsync(connection, by.Tenant, lead, follower, cancellation);
        var sides = new List<Side>();
        foreach (var learner in (Guid[])[lead, follower])
        {
            if (await Erasures.FindAsync(connection, by.Tenant, learner, cancellation) is { } erased)
            {
                return new LinkOutcome.Erased(learner, erased.Since);
            }

            var events = await RecordedEvents.OfStreamAsync(connection, by.Tenant, learner, long.MaxValue, cancellation);
            if (events is not [{ Data: LearnerRegistered }, ..] || await StreamKeys.OfLearnerAsync(connection, vault, by.Tenant, learner, cancellation) is not { } key)
            {
                return new LinkOutcome.Unknown(learner);
            }

            sides.Add(new(learner, Transcript.Fold(learner, events), key));
        }

        if (check(sides[0].Transcript, sides[1].Transcript) is { } refusal)
        {
            return new LinkOutcome.Refused(refusal);
        }

        var occurred = await ClockAsync(connection, cancellation);
        await AppendBatch.AppendAsync(
            connection, [Ready(by, sides[0], follower, leads: true, say, occurred), Ready(by, sides[1], lead, leads: false, say, occurred)], cancellation);
        foreach (var sql in then)
        {
            await ExecuteAsync(connection, sql, by.Tenant, lead, follower, cancellation);
        }

        // Cancelling a commit leaves open whether it happened; better to know.
        await transaction.CommitAsync(CancellationToken.None);
        foreach (var forget in memories)
        {
            forget(new HashSet<(string, Guid)> { (by.Tenant, lead), (by.Tenant, follower) });
        }

        return new LinkOutcome.Done();
    }

    private static async Task LockAsync(NpgsqlConnection connection, string tenant, Guid lead, Guid follower, CancellationToken cancellation)
    {
        await ExecuteAsync(connection, "select from registry.identity where tenant = $1 and learner in ($2, $3) order by scheme, issuer, value for update", tenant, lead, follower, cancellation);
        await ExecuteAsync(connection, "select from ledger.mt_streams where tenant_id = $1 and id in ($2, $3) order by id for update", tenant, lead, follower, cancellation);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, string tenant, Guid lead, Guid follower, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = lead });
        command.Parameters.Add(new() { Value = follower });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<DateTimeOffset> ClockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var clock = new NpgsqlCommand("select clock_timestamp()", connection);
        return LedgerJson.Microseconds(new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellation))!));
    }

    private static ReadyEvent Ready(
        DecidedBy by, Side side, Guid other, bool leads, Func<Guid, bool, Func<string?, Sealed?>, ILedgerEvent> say, DateTimeOffset occurred)
    {
        var id = LedgerIds.Decision(by.Tenant, side.Learner, side.Transcript.Position.Version + 1);
        var body = say(other, leads, note => Vault.Seal(side.Key, id, "note", note));
        var type = EventCatalog.Of(body.GetType()).Name;
        var fingerprint = Fingerprint.Of(
            side.Key, type, side.Learner.ToString("D"), occurred, CanonicalJson.Bytes(JsonSerializer.SerializeToElement(body, body.GetType(), LedgerJson.Options)));
        return new ReadyEvent(
            id, by.Tenant, side.Learner, StoredNames.Of(StreamFamily.Learner), type, JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), LedgerJson.Options),
            EventHeaders.Json(occurred, null, by.Actor, fingerprint, sent: null), fingerprint, by.CorrelationId, by.User);
    }
}
