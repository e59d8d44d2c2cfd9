using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Intake;

/// <summary>Records the requests it is given in one transaction. A request in conflict is taken out and the others are committed without it.</summary>
public sealed class FactCommit(CommitPool commits, Vault vault, Identities identities)
{
    /// <summary>A posted event; one about an erased learner, which is stored and nothing else, has no key and nothing ready.</summary>
    private sealed record Item(int Request, PostedEvent Posted, Guid Learner, byte[] Key, ReadyEvent? Ready);

    /// <summary>Does beforehand, outside of any transaction, what can be done for learners in memory: so others are not kept waiting by it.</summary>
    public void Prepare(IntakeRequest request)
    {
        var ahead = new PreparedEvent?[request.Events.Count];
        for (var i = 0; i < ahead.Length; i++)
        {
            var posted = request.Events[i];
            if (posted.Fact.Cohort is null && identities.InMemory(IdentityOf(request, posted)) is { } learner)
            {
                ahead[i] = new PreparedEvent(learner, Ready(request, posted, learner, learner.Key));
            }
        }

        request.Ahead = ahead;
    }

    /// <summary>Commits; on return every recorded request is flushed to disk.</summary>
    /// <returns>An outcome for each request, in order.</returns>
    public async Task<IntakeOutcome[]> CommitAsync(IReadOnlyList<IntakeRequest> requests, CancellationToken cancellation)
    {
        var outcomes = new IntakeOutcome[requests.Count];
        var erased = new Dictionary<Guid, ErasedEvent>();
        for (var tries = 1; ; tries++)
        {
            var live = WithoutContradictions(requests, Enumerable.Range(0, requests.Count).Where(r => outcomes[r] is null));
            if (live.Count == 0)
            {
                return outcomes;
            }

            try
            {
                await using var connection = await commits.Source.OpenConnectionAsync(cancellation);

                // The append alone is one statement, recorded whole or not at all: only what a newcomer or a cohort needs beside it takes a transaction.
                var wanted = live.SelectMany(r => requests[r].Events.Where(e => !erased.ContainsKey(e.EventId)).Select(e => IdentityOf(requests[r], e))).ToHashSet();
                var known = identities.Recall(wanted);
                var alone = known is not null && live.TrueForAll(r => requests[r].Events.All(e => e.Fact.Cohort is null));
                await using var transaction = alone ? null : await connection.BeginTransactionAsync(cancellation);
                var learners = known ?? await identities.ResolveAsync(connection, wanted, cancellation);
                var attempt = await TryAsync(connection, requests, live, learners, erased, cancellation);
                if (attempt.Conflicts.Count > 0)
                {
                    await (transaction?.RollbackAsync(cancellation) ?? Task.CompletedTask);
                    if (await Erasures.EventsAsync(connection, attempt.Conflicts.Select(c => c.Posted.EventId), cancellation) is { Count: > 0 } gone)
                    {
                        // Nobody can tell any more what these said. They were recorded, so they are duplicates, and register nobody.
                        gone.ToList().ForEach(g => erased[g.Key] = g.Value);
                        tries = 0;
                        continue;
                    }

                    foreach (var conflict in attempt.Conflicts.GroupBy(c => c.Request))
                    {
                        outcomes[conflict.Key] = new IntakeOutcome.Conflict([.. conflict.Select(c => new Problems.Fault(
                            c.Posted.Index, "id", "An event with this source and id is stored with other content.", c.Posted.EventId))]);
                    }

                    await NoteAsync(requests, attempt.Conflicts, cancellation);
                    tries = 0;
                    continue;
                }

                // Cancelling a commit leaves open whether it happened; better to know.
                await (transaction?.CommitAsync(CancellationToken.None) ?? Task.CompletedTask);
                if (known is null)
                {
                    identities.Remember(learners);
                }

                Telemetry.Recorded(attempt.Appended.Select(e => e.Type));
                foreach (var r in live)
                {
                    outcomes[r] = new IntakeOutcome.Recorded(attempt.Receipts.GetValueOrDefault(r) ?? []);
                }

                tries = 0;
            }
            catch (PostgresException e) when (e.SqlState == Erasures.AppendRefused && tries < Limits.Tries)
            {
                // What is remembered of a learner is from before their erasure, or was lost with the last commits; on fresh sight the identity is a newcomer's.
                identities.Forget(live.SelectMany(r => requests[r].Events.Select(posted => IdentityOf(requests[r], posted))));
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
                && tries < Limits.Tries)
            {
                // Somebody else stored one of these at this moment: on fresh sight it is a duplicate, a conflict, or their turn is over.
            }
        }
    }

    private sealed record Attempt(Dictionary<int, List<Receipt>> Receipts, List<Item> Conflicts, IReadOnlyList<ReadyEvent> Appended);

    /// <summary>The requests that can share a transaction. One that contradicts an earlier one waits for that one's fate.</summary>
    private static List<int> WithoutContradictions(IReadOnlyList<IntakeRequest> requests, IEnumerable<int> open)
    {
        var said = new Dictionary<Guid, PostedEvent>();
        var live = new List<int>();
        foreach (var r in open)
        {
            if (requests[r].Events.All(e => !said.TryGetValue(e.EventId, out var earlier) || earlier.SaysTheSame(e)))
            {
                live.Add(r);
                foreach (var e in requests[r].Events)
                {
                    said.TryAdd(e.EventId, e);
                }
            }
        }

        return live;
    }

    private async Task<Attempt> TryAsync(
        NpgsqlConnection connection, IReadOnlyList<IntakeRequest> requests, List<int> live, Dictionary<Identity, KnownLearner> learners,
        Dictionary<Guid, ErasedEvent> erased, CancellationToken cancellation)
    {
        var tenantKeys = new Dictionary<string, byte[]>();
        foreach (var tenant in live.Where(r => requests[r].Events.Any(e => e.Fact.Cohort is not null)).Select(r => requests[r].Caller.Tenant).Distinct())
        {
            tenantKeys[tenant] = await StreamKeys.OfTenantAsync(connection, vault, tenant, cancellation);
        }

        var items = new List<Item>();
        var first = new Dictionary<Guid, (PostedEvent Posted, ReadyEvent Ready)>();
        var registrations = new List<ReadyEvent>();
        var registered = new HashSet<Guid>();
        foreach (var r in live)
        {
            var request = requests[r];
            for (var i = 0; i < request.Events.Count; i++)
            {
                var posted = request.Events[i];
                if (erased.TryGetValue(posted.EventId, out var gone))
                {
                    items.Add(new Item(r, posted, gone.Learner, [], null));
                    continue;
                }

                var learner = learners[IdentityOf(request, posted)];
                if (learner.IsNew && registered.Add(learner.Learner))
                {
                    registrations.Add(Registration.Ready(request.Caller, posted.Source, request.Received, request.CorrelationId, learner));
                }

                var key = posted.Fact.Cohort is null ? learner.Key : tenantKeys[request.Caller.Tenant];
                var ready = request.Ahead?[i] is { } ahead && ReferenceEquals(ahead.Learner, learner) ? ahead.Ready : Ready(request, posted, learner, key);
                items.Add(new Item(r, posted, learner.Learner, key, ready));
                first.TryAdd(posted.EventId, (posted, ready));
            }
        }

        var at = erased.Values.ToDictionary(e => e.EventId, e => new StoredEvent(e.EventId, e.Version, e.Recorded, Fingerprint: "", Sent: null));
        return await AppendAsync(connection, items, first, registrations, at, cancellation);
    }

    private static async Task<Attempt> AppendAsync(
        NpgsqlConnection connection, List<Item> items, Dictionary<Guid, (PostedEvent Posted, ReadyEvent Ready)> first, List<ReadyEvent> registrations,
        Dictionary<Guid, StoredEvent> at, CancellationToken cancellation)
    {
        at.EnsureCapacity(at.Count + first.Count + registrations.Count);
        var fresh = first.Values.Select(i => i.Ready).ToList();
        while (fresh.Count > 0)
        {
            var batch = registrations.Concat(fresh).ToList();
            var (appended, stored) = await AppendBatch.AppendAsync(connection, batch, cancellation);
            if (!appended && stored.Where(s => s.Fingerprint != first[s.EventId].Ready.Fingerprint).Select(s => s.EventId).ToHashSet() is { Count: > 0 } others)
            {
                return new Attempt([], [.. items.Where(i => others.Contains(i.Posted.EventId))], []);
            }

            foreach (var s in stored)
            {
                at[s.EventId] = s;
            }

            if (appended)
            {
                break;
            }

            fresh.RemoveAll(e => at.ContainsKey(e.EventId));
        }

        var recorded = fresh.Select(e => e.EventId).ToHashSet();
        var receipts = new Dictionary<int, List<Receipt>>();
        foreach (var item in items)
        {
            var stored = at[item.Posted.EventId];
            var status = recorded.Remove(item.Posted.EventId) ? Receipt.Accepted : Receipt.Duplicate;
            var list = receipts.TryGetValue(item.Request, out var known) ? known : receipts[item.Request] = [];
            list.Add(new Receipt(item.Posted.Source, item.Posted.Id, item.Posted.EventId, item.Learner, stored.Version, status)
            {
                Recorded = stored.Recorded,

                // Recorded just now, perhaps for an earlier event of this commit that says the same in other bytes: its own are the first.
                Sent = stored.Fingerprint is null ? first[item.Posted.EventId].Posted.Sent : SentHash.Show(item.Key, item.Posted.EventId, stored.Sent),
            });
        }

        return new Attempt(receipts, [], fresh.Count == 0 ? [] : [.. registrations, .. fresh]);
    }

    private static Identity IdentityOf(IntakeRequest request, PostedEvent posted) =>
        new(request.Caller.Tenant, Identity.Account, posted.Source, posted.Subject);

    private static ReadyEvent Ready(IntakeRequest request, PostedEvent posted, KnownLearner learner, byte[] key)
    {
        var tenant = request.Caller.Tenant;
        var (stream, family) = posted.Fact.Cohort is { } cohort ? (LedgerIds.Cohort(tenant, cohort), StreamFamily.Cohort) : (learner.Learner, StreamFamily.Learner);
        var fingerprint = Fingerprint.Of(key, posted.Type, learner.Learner.ToString("D"), posted.Occurred, posted.Data);
        var body = posted.Fact.Body(key, posted.EventId, learner.Learner);
        return new ReadyEvent(
            posted.EventId, tenant, stream, StoredNames.Of(family), posted.Type, JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), LedgerJson.Options),
            EventHeaders.Json(posted.Occurred, posted.Source, request.Caller.Actor, fingerprint, SentHash.Hide(key, posted.EventId, posted.Sent)), fingerprint, request.CorrelationId, request.Caller.KeyId);
    }

    private async Task NoteAsync(IReadOnlyList<IntakeRequest> requests, List<Item> rows, CancellationToken cancellation)
    {
        await using var command = commits.Source.CreateCommand(
            "insert into registry.intake_conflict (tenant, event_id, source, key_id, refused) select * from unnest($1, $2, $3, $4, $5)");
        command.Parameters.Add(new() { Value = rows.Select(i => requests[i.Request].Caller.Tenant).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(i => i.Posted.EventId).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(i => i.Posted.Source).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(i => requests[i.Request].Caller.KeyId).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(i => i.Ready!.Fingerprint).ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
