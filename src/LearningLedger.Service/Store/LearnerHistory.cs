using LearningLedger.Events;
using LearningLedger.Links;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>What is recorded of a learner.</summary>
/// <param name="Own">The learner's own stream, in order of version; empty: there is none.</param>
/// <param name="All">That and the streams of those who are linked to them now, in the order of the fold.</param>
public sealed record LearnerHistory(IReadOnlyList<RecordedEvent> Own, IReadOnlyList<RecordedEvent> All)
{
    /// <summary>The history of a learner, current.</summary>
    public static async Task<LearnerHistory> ReadAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        var own = await RecordedEvents.OfStreamAsync(connection, tenant, learner, long.MaxValue, cancellation);
        return await WithLinkedAsync(own, other => RecordedEvents.OfStreamAsync(connection, tenant, other, long.MaxValue, cancellation));
    }

    /// <summary>The history of a learner whose own events are at hand.</summary>
    /// <param name="own">Up to some moment.</param>
    /// <param name="read">Gives the stream of another learner, up to the same moment.</param>
    public static async Task<LearnerHistory> WithLinkedAsync(IReadOnlyList<RecordedEvent> own, Func<Guid, Task<List<RecordedEvent>>> read)
    {
        var linked = LinkedStreams.At(own.Select(e => e.Data));
        if (linked.Count == 0)
        {
            return new(own, own);
        }

        var others = new List<IReadOnlyList<RecordedEvent>>();
        foreach (var other in linked)
        {
            others.Add(await read(other));
        }

        return new(own, LinkedStreams.Merge(own, others));
    }
}
