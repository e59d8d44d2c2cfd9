using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Links;
using LearningLedger.Transcripts;

namespace LearningLedger.Bundles;

/// <summary>The lines that follow from events: the transcript's own fold, then a line for each event whose content is not there.</summary>
internal static class BundleLines
{
    private const string Sequence = "sequence";
    private const string EventId = "eventId";

    /// <summary>The events the transcript takes in, of all streams, in the order of the fold.</summary>
    /// <exception cref="BundleException">An entry is not an event whose content this version of the ledger knows.</exception>
    public static IReadOnlyList<ProvenEvent> Folded(IEnumerable<IReadOnlyList<BundleEntry>> streams, BundleAsOf? asOf) =>
        Folded(streams.Select(entries => entries.Select(entry => new ProvenEvent(entry))), asOf);

    /// <summary>As the other.</summary>
    public static IReadOnlyList<ProvenEvent> Folded(IEnumerable<IEnumerable<ProvenEvent>> streams, BundleAsOf? asOf) =>
        LinkedStreams.Merge<ProvenEvent>([.. streams.Select(events => events.TakeWhile(e => asOf is null || asOf.Includes(e.Leaf)).ToList())], e => e.Leaf.At, e => e.Leaf.Stream);

    /// <summary>The lines of a learner's events.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="events">The events the transcript takes in, in the order of the fold.</param>
    public static IReadOnlyList<BundleLine> Of(Guid learner, IReadOnlyList<ProvenEvent> events)
    {
        var places = events.ToDictionary(e => e.Leaf.EventId.ToString("D"), e => e.Entry.Index);
        var document = TranscriptDocument.Of(Transcript.Fold(learner, events.Select(e => e.Event).OfType<Events.RecordedEvent>()));
        return
        [
            .. document.Milestones.Select(line => Line(BundleLineKind.Milestone, line, places)),
            .. document.Skills.Select(line => Line(BundleLineKind.Skill, line, places)),
            .. events.Where(e => e.PayloadBytes is null).Select(e => Line(
                BundleLineKind.Event, new { e.Leaf.EventId, e.Leaf.Type, e.Leaf.Version, Recorded = e.Leaf.At }, places)),
        ];
    }

    private static BundleLine Line(BundleLineKind kind, object line, Dictionary<string, long> places)
    {
        var node = JsonSerializer.SerializeToNode(line, line.GetType(), LedgerJson.Options)!;
        var named = new SortedSet<long>();
        Walk(node, places, named);
        return new BundleLine([.. named], kind, JsonSerializer.SerializeToElement(node));
    }

    /// <summary>Takes sequence numbers out and collects the entries of the events that are named.</summary>
    private static void Walk(JsonNode? node, Dictionary<string, long> places, SortedSet<long> named)
    {
        if (node is JsonObject members)
        {
            members.Remove(Sequence);
            if (members[EventId] is { } id && places.TryGetValue(id.GetValue<string>(), out var index))
            {
                named.Add(index);
            }

            foreach (var (_, value) in members)
            {
                Walk(value, places, named);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Walk(item, places, named);
            }
        }
    }
}
