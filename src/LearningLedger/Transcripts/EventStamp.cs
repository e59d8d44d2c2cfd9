using LearningLedger.Events;

namespace LearningLedger.Transcripts;

/// <summary>Everything about an event but its body: what a transcript line names as its source.</summary>
/// <param name="EventId">Unique in the whole ledger.</param>
/// <param name="Sequence">Global order number.</param>
/// <param name="Version">Version in the stream.</param>
/// <param name="Occurred">The source's time, UTC.</param>
/// <param name="Recorded">The server's time, UTC.</param>
/// <param name="Actor"><c>key:id</c>, <c>person:code</c> or <c>policy:name</c>.</param>
/// <param name="Source">URI of the platform, or null for what was decided here.</param>
public sealed record EventStamp(
    Guid EventId, long Sequence, long Version, DateTimeOffset Occurred, DateTimeOffset Recorded, string Actor, string? Source = null)
{
    /// <summary>The stream it lies in: the learner's own, or one linked to it.</summary>
    public Guid Stream { get; init; }

    /// <summary>Its place in the fold, from 1: what comes first where nothing else decides.</summary>
    public int Place { get; init; }

    /// <summary>The stamp of <paramref name="recorded"/>.</summary>
    public static EventStamp Of(RecordedEvent recorded) => new(
        recorded.EventId, recorded.Sequence, recorded.Version, recorded.Occurred, recorded.Recorded, recorded.Actor, recorded.Source)
    { Stream = recorded.Stream };
}

/// <summary>How far a fold has come: the last event it holds.</summary>
/// <param name="Sequence">Its global order number; 0 before the first.</param>
/// <param name="Version">Its version; 0 before the first.</param>
/// <param name="Recorded">Its recorded time, UTC; null before the first.</param>
public sealed record LedgerPosition(long Sequence, long Version, DateTimeOffset? Recorded)
{
    /// <summary>Before the first event.</summary>
    public static LedgerPosition Start { get; } = new(0, 0, null);
}

/// <summary>An event that changed nothing in the transcript, kept so that nobody need wonder where it went.</summary>
/// <param name="At">The event.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Why">What it did not fit.</param>
public sealed record StrayEvent(EventStamp At, string Type, StrayReason Why);

/// <summary>Why an event changed nothing.</summary>
public enum StrayReason
{
    /// <summary>It names evidence or an award that the stream does not hold.</summary>
    Unknown,

    /// <summary>It repeats what an earlier event said: a second voiding, submission, withdrawal or grant of the same thing.</summary>
    Repeated,

    /// <summary>The award's status does not allow it.</summary>
    OutOfPlace,

    /// <summary>The fold knows no rule for this type of event.</summary>
    Unhandled,
}
