namespace LearningLedger.Events;

/// <summary>One event as the ledger holds it. Transcripts and decisions are folds over these.</summary>
/// <param name="EventId">UUIDv5, unique in the whole ledger.</param>
/// <param name="Type">Stored name, see <see cref="EventCatalog"/>.</param>
/// <param name="Stream">Id of the stream it lies in.</param>
/// <param name="Version">1, 2, 3, ... within the stream.</param>
/// <param name="Sequence">Global order number, rising with the version, with gaps.</param>
/// <param name="Occurred">The source's time, UTC, whole microseconds.</param>
/// <param name="Recorded">The server's time, UTC, whole microseconds.</param>
/// <param name="Actor"><c>key:id</c>, <c>person:code</c> or <c>policy:name</c>.</param>
/// <param name="Source">URI of the platform, or null for what was decided here.</param>
/// <param name="Data">The body.</param>
public sealed record RecordedEvent(
    Guid EventId, string Type, Guid Stream, long Version, long Sequence, DateTimeOffset Occurred, DateTimeOffset Recorded, string Actor, string? Source,
    ILedgerEvent Data);
