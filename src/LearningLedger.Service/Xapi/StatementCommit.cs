using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Xapi.Mappings;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>Stores the requests it is given in one transaction: events, and in the same breath all by which they are found.</summary>
/// <remarks>
/// Locks come in one order in every transaction: the tenants' turn, identities, statements known, streams, the index. A request in conflict is
/// taken out and the others are committed without it.
/// </remarks>
public sealed class StatementCommit(CommitPool commits, Identities identities, TenantKeys tenantKeys, MappedEvents mapped, ILogger<StatementCommit> log)
{
    /// <summary>Commits; on return every stored request is flushed to disk.</summary>
    /// <returns>An outcome for each request, in order.</returns>
    public async Task<StatementOutcome[]> CommitAsync(IReadOnlyList<StatementRequest> requests, CancellationToken cancellation)
    {
        var outcomes = new StatementOutcome[requests.Count];
        var erased = new HashSet<Guid>();

        // Statements seldom come twice: which are known is asked only when the append has met one.
        var look = false;
        for (var tries = 1; ; tries++)
        {
            var live = WithoutRepeats(requests, Enumerable.Range(0, requests.Count).Where(r => outcomes[r] is null));
            if (live.Count == 0)
            {
                return outcomes;
            }

            try
            {
                await using var connection = await commits.Source.OpenConnectionAsync(cancellation);
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                var (learners, conflicts, appended, stored, receipts) = await TryAsync(connection, [.. live.Select(r => requests[r])], erased, look, cancellation);
                if (stored.Count > 0 && !look)
                {
                    await transaction.RollbackAsync(cancellation);
                    look = true;
                    continue;
                }

                if (stored.Count > 0)
                {
                    // Stored, and not known to the index: by somebody else a moment ago, or of a learner who was erased since. Of those nothing is known
                    // any more but that they were stored, and they are not stored again.
                    await transaction.RollbackAsync(cancellation);
                    var gone = await Erasures.EventsAsync(connection, stored, cancellation);
                    erased.UnionWith(gone.Keys);
                    tries = gone.Count > 0 ? 0 : tries;
                    if (tries == Limits.Tries)
                    {
                        throw new InvalidOperationException("Statements are stored and not in the index.");
                    }

                    continue;
                }

                if (conflicts.Count > 0)
                {
                    await transaction.RollbackAsync(cancellation);
                    foreach (var (request, faults) in conflicts)
                    {
                        outcomes[live[request]] = new StatementOutcome.Conflict(faults);
                    }
                }
                else
                {
                    // Cancelling a commit leaves open whether it happened; better to know.
                    await transaction.CommitAsync(CancellationToken.None);
                    identities.Remember(learners);
                    Telemetry.Recorded(appended.Select(e => e.Type));
                    for (var i = 0; i < live.Count; i++)
                    {
                        outcomes[live[i]] = new StatementOutcome.Stored(receipts[i]);
                    }
                }

                tries = 0;
            }
            catch (PostgresException e) when (e.SqlState == Erasures.AppendRefused && tries < Limits.Tries)
            {
                // What is remembered of a learner is from before their erasure, or was lost with the last commits; on fresh sight the identity is a newcomer's.
                identities.Forget(live.SelectMany(r => requests[r].Statements.Select(s => IdentityOf(requests[r], s))).OfType<Identity>());
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
                && tries < Limits.Tries)
            {
                // Somebody else stored one of these at this moment: on fresh sight it is known, or their turn is over.
                log.CommitRepeated(e.SqlState, live.Count);
            }
        }
    }

    /// <summary>The requests that can share a transaction. One that repeats an id of an earlier one waits until that one is stored, and is then compared.</summary>
    private static List<int> WithoutRepeats(IReadOnlyList<StatementRequest> requests, IEnumerable<int> open)
    {
        var ids = new HashSet<(string, Guid)>();
        var live = new List<int>();
        foreach (var r in open)
        {
            var tenant = requests[r].Caller.Tenant;
            if (requests[r].Statements.All(s => !ids.Contains((tenant, s.Id))))
            {
                live.Add(r);
                ids.UnionWith(requests[r].Statements.Select(s => (tenant, s.Id)));
            }
        }

        return live;
    }

    private sealed record Attempt(
        Dictionary<Identity, KnownLearner> Learners, Dictionary<int, List<Problems.Fault>> Conflicts, List<ReadyEvent> Appended, List<Guid> Stored,
        List<ReceiptOf>[] Receipts);

    private async Task<Attempt> TryAsync(
        NpgsqlConnection connection, List<StatementRequest> requests, HashSet<Guid> erased, bool look, CancellationToken cancellation)
    {
        var keys = new Dictionary<string, TenantKey>();
        foreach (var tenant in requests.Select(r => r.Caller.Tenant).Distinct())
        {
            keys[tenant] = await tenantKeys.OfAsync(tenant, cancellation);
        }

        var taken = await StatementIndex.TakeTurnAsync(connection, requests, cancellation);
        var learners = await identities.ResolveAsync(
            connection, requests.SelectMany(r => r.Statements.Where(s => !IsErased(r, s)).Select(s => IdentityOf(r, s))).OfType<Identity>().ToHashSet(), cancellation);
        var known = look ? await StatementIndex.KnownAsync(connection, requests, cancellation) : [];
        var conflicts = new Dictionary<int, List<Problems.Fault>>();
        var fresh = new List<StatementRow>();
        var registrations = new List<ReadyEvent>();
        var registered = new HashSet<Guid>();
        var said = new List<(int Request, StatementRow Row, KnownStatement? Before)>();
        for (var r = 0; r < requests.Count; r++)
        {
            foreach (var statement in requests[r].Statements.Where(s => !IsErased(requests[r], s)))
            {
                var learner = IdentityOf(requests[r], statement) is { } identity ? learners[identity] : null;
                var row = Row(requests[r], statement, learner, keys[requests[r].Caller.Tenant], taken.Clock.AddMicroseconds(fresh.Count));
                var before = known.GetValueOrDefault((row.Tenant, statement.Id));
                said.Add((r, row, before));
                if (before is not null)
                {
                    if (!before.SaysTheSame(row.Digest, statement.Timestamp))
                    {
                        (conflicts.TryGetValue(r, out var list) ? list : conflicts[r] = []).Add(new(
                            statement.Index, "id", "Another statement with this id is stored.", LedgerIds.StatementEvent(row.Tenant, statement.Id)));
                    }

                    continue;
                }

                fresh.Add(row);
                if (learner is { IsNew: true } && registered.Add(learner.Learner))
                {
                    registrations.Add(Registration.Ready(requests[r].Caller, row.Source, requests[r].Received, requests[r].CorrelationId, learner));
                }
            }
        }

        List<ReadyEvent> ready = conflicts.Count == 0 && fresh.Count > 0 ? [.. registrations, .. fresh.Select(f => f.Ready())] : [];
        var at = new Dictionary<Guid, StoredEvent>();
        if (ready.Count > 0)
        {
            ready.AddRange(await mapped.OfAsync(connection, taken, fresh, cancellation));
            var (appended, places) = await AppendBatch.AppendAsync(connection, ready, cancellation);
            if (!appended)
            {
                return new Attempt(learners, conflicts, [], [.. places.Select(p => p.EventId)], []);
            }

            at = places.ToDictionary(p => p.EventId);

            await StatementIndex.AddAsync(connection, fresh, taken.Referred, cancellation);
            await Attachments.AddAsync(connection, fresh, cancellation);
        }

        return new Attempt(learners, conflicts, ready, [], conflicts.Count == 0 ? Receipts(requests.Count, said, at) : []);

        bool IsErased(StatementRequest request, PostedStatement statement) =>
            erased.Count > 0 && erased.Contains(LedgerIds.StatementEvent(request.Caller.Tenant, statement.Id));
    }

    /// <summary>What the receipts say, for each request: of a statement that was stored before what was said then.</summary>
    private static List<ReceiptOf>[] Receipts(int requests, List<(int Request, StatementRow Row, KnownStatement? Before)> said, Dictionary<Guid, StoredEvent> at)
    {
        var receipts = new List<ReceiptOf>[requests];
        for (var r = 0; r < requests; r++)
        {
            receipts[r] = [];
        }

        foreach (var (request, row, before) in said)
        {
            receipts[request].Add(before is not null
                ? new(row.EventId, before.Version, SentHash.Show(row.Key, row.EventId, before.Sent), before.Recorded)
                : new(row.EventId, at[row.EventId].Version, row.Statement.SentHash, at[row.EventId].Recorded));
        }

        return receipts;
    }

    private static Identity? IdentityOf(StatementRequest request, PostedStatement statement) =>
        statement is { Actor: { } actor, ActorIsGroup: false } ? new Identity(request.Caller.Tenant, actor.Scheme, actor.Issuer, actor.Value) : null;

    private static StatementRow Row(StatementRequest request, PostedStatement statement, KnownLearner? learner, TenantKey tenantKey, DateTimeOffset stored)
    {
        var tenant = request.Caller.Tenant;
        var (stream, family, key) = learner is not null
            ? (learner.Learner, StreamFamily.Learner, learner.Key)
            : (statement.Actor is { } group ? LedgerIds.Group(tenant, group.Text()) : LedgerIds.Statement(tenant, statement.Id), StreamFamily.Statement, tenantKey.Key);
        var digest = new byte[Sha256.Size];
        Sha256.Hmac(key, (byte[])[.. "statement"u8, .. statement.Comparison], digest);
        return new StatementRow(request, statement, stream, family, key, tenantKey, stored, digest);
    }
}
