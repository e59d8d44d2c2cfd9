using LearningLedger.Events;

namespace LearningLedger.Links;

/// <summary>The streams of one person who was known as several learners: which belong together, and in which order their events are folded.</summary>
/// <remarks>
/// One learner leads, and the streams linked to it are folded with its own; there are no links of links. Streams are merged by recorded time, the
/// order within each kept, which is what a verifier has: the global sequence is in no leaf.
/// </remarks>
public static class LinkedStreams
{
    /// <summary>The learners linked to the one whose stream this is, at its end, in the order of their ids.</summary>
    public static IReadOnlyList<Guid> At(IEnumerable<ILedgerEvent> own)
    {
        var linked = new SortedSet<Guid>();
        foreach (var body in own)
        {
            if (body is LearnerLinked { Leads: true } link)
            {
                linked.Add(link.Other);
            }
            else if (body is LearnerUnlinked { Leads: true } end)
            {
                linked.Remove(end.Other);
            }
        }

        return [.. linked];
    }

    /// <summary>The events of several streams in the order of the fold: always the stream goes on whose next event was recorded first.</summary>
    /// <param name="streams">Each in order of version.</param>
    /// <param name="recorded">When an event was recorded.</param>
    /// <param name="stream">The stream an event lies in; decides between equal times.</param>
    public static IReadOnlyList<T> Merge<T>(IReadOnlyList<IReadOnlyList<T>> streams, Func<T, DateTimeOffset> recorded, Func<T, Guid> stream)
    {
        if (streams.Count == 1)
        {
            return streams[0];
        }

        var next = new PriorityQueue<(int Stream, int Index), (DateTimeOffset, Guid)>();
        var merged = new List<T>(streams.Sum(s => s.Count));
        for (var i = 0; i < streams.Count; i++)
        {
            Offer(i, 0);
        }

        while (next.TryDequeue(out var place, out _))
        {
            merged.Add(streams[place.Stream][place.Index]);
            Offer(place.Stream, place.Index + 1);
        }

        return merged;

        void Offer(int i, int index)
        {
            if (index < streams[i].Count)
            {
                next.Enqueue((i, index), (recorded(streams[i][index]), stream(streams[i][index])));
            }
        }
    }

    /// <summary>As the other, for events as the ledger holds them. An erased learner's stream has nothing to add.</summary>
    /// <param name="own">The leading learner's events.</param>
    /// <param name="others">Those of the learners linked to it.</param>
    public static IReadOnlyList<RecordedEvent> Merge(IReadOnlyList<RecordedEvent> own, IEnumerable<IReadOnlyList<RecordedEvent>> others) =>
        Merge([own, .. others.Where(o => o is [.., { Data: not LearnerErased }])], e => e.Recorded, e => e.Stream);
}
