using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Links;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using LearningLedger.Transcripts;
using Marten;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Who decides, for the events' metadata.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Actor"><c>key:id</c>, <c>person:code</c> or <c>policy:name</c>.</param>
/// <param name="User">Id of the key, or the policy's name.</param>
/// <param name="CorrelationId">What ties it to other work, or null.</param>
public sealed record DecidedBy(string Tenant, string Actor, string User, string? CorrelationId)
{
    /// <summary>A decision of the caller of a request.</summary>
    public static DecidedBy Of(HttpContext context)
    {
        var caller = context.Caller();
        Correlation.TryRead(context, out var correlation);
        return new(caller.Tenant, caller.Actor, caller.KeyId, correlation);
    }

    /// <summary>A decision by rule.</summary>
    public static DecidedBy Policy(string tenant, string name, string? correlation = null) => new(tenant, "policy:" + name, "policy:" + name, correlation);
}

/// <summary>What a decision stands on.</summary>
/// <param name="Transcript">The learner's state, current.</param>
/// <param name="Catalogue">The tenant's frameworks and cohorts, current.</param>
/// <param name="InForce">The framework versions the learner is judged under.</param>
/// <param name="LearnerKey">K_learner, for sealing; event ids are <see cref="LedgerIds.Decision"/> of the versions that follow.</param>
public sealed record DecisionGround(
    Transcript Transcript, TenantCatalogue Catalogue, IReadOnlyList<FrameworkDefinition> InForce, byte[] LearnerKey)
{
    /// <summary>Id of the first event this decision makes.</summary>
    public Guid NextEventId => LedgerIds.Decision(Catalogue.Tenant, Transcript.Learner, Transcript.Position.Version + 1);

    /// <summary>Seals text for that event.</summary>
    public Sealed? Seal(string field, string? text) => Vault.Seal(LearnerKey, NextEventId, field, text);
}

/// <summary>An event that was decided and is on disk.</summary>
public sealed record StoredDecision(Guid EventId, string Type, long Version);

/// <summary>What became of a decision.</summary>
public abstract record DecisionOutcome
{
    /// <summary>On disk; empty when nothing followed.</summary>
    public sealed record Stored(IReadOnlyList<StoredDecision> Events) : DecisionOutcome;

    /// <summary>Refused by the rules; nothing was written.</summary>
    public sealed record Refused(Refusal Refusal) : DecisionOutcome;

    /// <summary>No such learner in this tenant.</summary>
    public sealed record UnknownLearner : DecisionOutcome;

    /// <summary>The learner was erased.</summary>
    public sealed record Erased(DateTimeOffset Since) : DecisionOutcome;

    /// <summary>The stream is not at the version the caller named.</summary>
    public sealed record Moved(long Version) : DecisionOutcome;

    /// <summary>Others were quicker every time.</summary>
    public sealed record Contended : DecisionOutcome;
}

/// <summary>The one path of decisions about a learner: load the state, run a pure function, append with the expected version, and again on a lost race.</summary>
public sealed class LearnerDecisions(IDocumentStore store, NpgsqlDataSource database, Vault vault, Catalogue catalogue)
{
    /// <summary>As the other, for a decision that is either events or a refusal.</summary>
    public Task<DecisionOutcome> DecideAsync(
        DecidedBy by, Guid learner, Func<DecisionGround, Decision> decide, long? ifMatch = null, CancellationToken cancellation = default) =>
        DecideAsync(by, learner, ground => decide(ground) is var d ? (d.Events, d.Refusal) : default, ifMatch, exclusive: false, cancellation);

    /// <summary>Decides on fresh state.</summary>
    /// <param name="by">Who decides.</param>
    /// <param name="learner">About whom.</param>
    /// <param name="decide">The pure function; called again on fresh state after a lost race.</param>
    /// <param name="ifMatch">The version the caller has seen, or null.</param>
    /// <param name="exclusive">Lock the stream first instead of risking a lost race.</param>
    /// <param name="cancellation">Ends the wait; a decision under way is stored or not, never in part.</param>
    public async Task<DecisionOutcome> DecideAsync(
        DecidedBy by, Guid learner, Func<DecisionGround, (IReadOnlyList<DecidedEvent> Events, Refusal? Refusal)> decide, long? ifMatch, bool exclusive,
        CancellationToken cancellation)
    {
        return await Races.RetryAsync(() => TryAsync(by, learner, decide, ifMatch, exclusive, cancellation), cancellation) ?? new DecisionOutcome.Contended();
    }

    private async Task<DecisionOutcome> TryAsync(
        DecidedBy by, Guid learner, Func<DecisionGround, (IReadOnlyList<DecidedEvent> Events, Refusal? Refusal)> decide, long? ifMatch, bool exclusive,
        CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(by.Tenant);
        var stream = exclusive
            ? await session.Events.FetchForExclusiveWriting<Learner>(learner, cancellation)
            : await session.Events.FetchForWriting<Learner>(learner, cancellation);
        if (stream.Aggregate is not { Transcript: var transcript })
        {
            return new DecisionOutcome.UnknownLearner();
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var key = await StreamKeys.OfLearnerAsync(connection, vault, by.Tenant, learner, cancellation);
        if (key is null || transcript.IsErased)
        {
            return await Erasures.FindAsync(connection, by.Tenant, learner, cancellation) is { } erased
                ? new DecisionOutcome.Erased(erased.Since)
                : new DecisionOutcome.UnknownLearner();
        }

        if (ifMatch is { } seen && seen != transcript.Position.Version)
        {
            return new DecisionOutcome.Moved(transcript.Position.Version);
        }

        if (!transcript.Linked.IsEmpty)
        {
            transcript = Transcript.Fold(learner, (await LearnerHistory.ReadAsync(connection, by.Tenant, learner, cancellation)).All);
        }

        var known = await catalogue.CurrentAsync(by.Tenant, cancellation);
        var inForce = known.InForce(await CohortMembers.CohortsOfAsync(connection, by.Tenant, learner, cancellation));
        var (events, refusal) = decide(new DecisionGround(transcript, known, inForce, key));
        if (refusal is not null)
        {
            return new DecisionOutcome.Refused(refusal);
        }

        if (events.Select(e => LinkRules.HolderOf(transcript, e.Data)).FirstOrDefault(holder => holder is not null && holder != learner) is { } other)
        {
            return new DecisionOutcome.Refused(new Refusal.Conflict($"That lies in the stream of learner {other}, who is linked to this one: decide it there."));
        }

        var stored = new List<StoredDecision>();
        foreach (var decided in events)
        {
            var version = transcript.Position.Version + 1 + stored.Count;
            var wrapped = DecidedEvents.Wrap(decided, LedgerIds.Decision(by.Tenant, learner, version), by, key, learner.ToString("D"));
            stream.AppendOne(wrapped);
            stored.Add(new StoredDecision(wrapped.Id, EventCatalog.Of(decided.Data.GetType()).Name, version));
        }

        if (stored.Count > 0)
        {
            session.CorrelationId = by.CorrelationId;
            session.LastModifiedBy = by.User;
            await session.SaveChangesAsync(CancellationToken.None);
            Telemetry.Recorded(stored.Select(s => s.Type), by.Actor);
        }

        return new DecisionOutcome.Stored(stored);
    }
}
