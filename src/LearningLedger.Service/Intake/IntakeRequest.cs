using System.Text.Json.Serialization;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Intake;

/// <summary>The checked events of one request: recorded together or not at all.</summary>
/// <param name="Caller">Who posts.</param>
/// <param name="Events">In request order.</param>
/// <param name="Received">The server's time when it came.</param>
/// <param name="CorrelationId">What ties it to other work, at most 128 of <c>A-Za-z0-9._-</c>, or null.</param>
public sealed record IntakeRequest(Caller Caller, IReadOnlyList<PostedEvent> Events, DateTimeOffset Received, string? CorrelationId)
{
    /// <summary>About what it holds in memory while it waits, in bytes.</summary>
    public long Bytes { get; } = Events.Sum(e => Limits.BytesPerEvent + e.Data.LongLength);

    /// <summary>What <see cref="FactCommit.Prepare"/> could work out before its turn came, for each event.</summary>
    internal PreparedEvent?[]? Ahead { get; set; }
}

/// <summary>An event made ready for a learner as known when it came.</summary>
/// <param name="Learner">The learner; the work is in vain if it is another one when its turn comes.</param>
/// <param name="Ready">What is to be stored.</param>
internal sealed record PreparedEvent(KnownLearner Learner, ReadyEvent Ready);

/// <summary>Where one posted event lies in the ledger.</summary>
/// <param name="Source">As posted.</param>
/// <param name="Id">As posted.</param>
/// <param name="EventId">The ledger's id.</param>
/// <param name="Learner">The subject's learner.</param>
/// <param name="Version">Its version in its stream.</param>
/// <param name="Status"><c>accepted</c>, or <c>duplicate</c> with the first receipt's values.</param>
public sealed record Receipt(string Source, string Id, Guid EventId, Guid Learner, long Version, string Status)
{
    /// <summary>When it was first recorded, UTC.</summary>
    [JsonIgnore]
    public DateTimeOffset Recorded { get; init; }

    /// <summary>SHA-256 of its JSON as first sent; null for an event stored without it.</summary>
    [JsonIgnore]
    public byte[]? Sent { get; init; }

    /// <summary>The signed receipt for all of them; null when there is none to be had.</summary>
    public static ValueTask<string?> SignAsync(ReceiptSigner signer, string tenant, IReadOnlyList<Receipt> receipts) =>
        signer.SignAsync(tenant, receipts.Select(r => new ReceiptOf(r.EventId, r.Version, r.Sent, r.Recorded)), CancellationToken.None);

    /// <summary>Recorded now.</summary>
    public const string Accepted = "accepted";

    /// <summary>Recorded before, by this or an earlier request.</summary>
    public const string Duplicate = "duplicate";
}

/// <summary>What became of a request.</summary>
public abstract record IntakeOutcome
{
    /// <summary>It is flushed to disk.</summary>
    public sealed record Recorded(IReadOnlyList<Receipt> Receipts) : IntakeOutcome;

    /// <summary>Nothing of it is recorded: ids already used for other content.</summary>
    public sealed record Conflict(IReadOnlyList<Problems.Fault> Faults) : IntakeOutcome;

    /// <summary>Nothing of it was accepted: too much is waiting.</summary>
    public sealed record Busy : IntakeOutcome;
}
