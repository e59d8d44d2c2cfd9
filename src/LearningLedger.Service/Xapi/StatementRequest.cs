using LearningLedger.Service.Host;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Xapi;

/// <summary>The valid statements of one request: stored together or not at all.</summary>
/// <param name="Caller">Who posts.</param>
/// <param name="Statements">In request order; no id twice.</param>
/// <param name="Attached">Attached bytes by hash.</param>
/// <param name="Received">The server's time when it came.</param>
/// <param name="CorrelationId">What ties it to other work, or null.</param>
public sealed record StatementRequest(
    Caller Caller, IReadOnlyList<PostedStatement> Statements, IReadOnlyDictionary<string, AttachedBytes> Attached, DateTimeOffset Received, string? CorrelationId)
{
    /// <summary>About what it holds in memory while it waits, in bytes.</summary>
    public long Bytes { get; } = Statements.Sum(s => Limits.BytesPerEvent + s.Kept.LongLength + s.Comparison.LongLength) + Attached.Values.Sum(a => (long)a.Content.Length);
}

/// <summary>What became of a request.</summary>
public abstract record StatementOutcome
{
    /// <summary>All of it is flushed to disk, now or before.</summary>
    /// <param name="Statements">In request order; without those of which nothing is known any more.</param>
    public sealed record Stored(IReadOnlyList<ReceiptOf> Statements) : StatementOutcome;

    /// <summary>Nothing of it is stored: ids already used for other statements.</summary>
    public sealed record Conflict(IReadOnlyList<Problems.Fault> Faults) : StatementOutcome;
}
