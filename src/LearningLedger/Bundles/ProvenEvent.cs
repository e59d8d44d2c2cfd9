using System.Globalization;
using System.Text;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Integrity;

namespace LearningLedger.Bundles;

/// <summary>An entry of a bundle, read: its leaf, and the event its content tells of.</summary>
internal sealed class ProvenEvent
{
    private static readonly string[] Members = ["causation", "correlation", "data", "headers", "user"];

    /// <summary>Reads an entry.</summary>
    /// <exception cref="BundleException">Its leaf is not an event's, or its content is not that of such an event.</exception>
    public ProvenEvent(BundleEntry entry)
    {
        Entry = entry;
        try
        {
            LeafBytes = CanonicalJson.Bytes(entry.Leaf);
            Leaf = LogLeaf.Parse(LeafBytes) as EventLeaf ?? throw new BundleException($"Entry {entry.Index} is not an event.");
            PayloadBytes = entry.Payload is { } payload ? CanonicalJson.Bytes(payload) : null;
            Event = entry.Payload is null || Leaf.Kind == EventLeafKind.Erasure ? null : Read(entry.Payload.Value);
        }
        catch (Exception e) when (e is LeafException or CanonicalJsonException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new BundleException($"Entry {entry.Index} cannot be read: {e.Message}");
        }
    }

    public BundleEntry Entry { get; }

    public byte[] LeafBytes { get; }

    public EventLeaf Leaf { get; }

    /// <summary>The content's bytes; null: not shown.</summary>
    public byte[]? PayloadBytes { get; }

    /// <summary>The event, its log index in place of the sequence number; null: not shown, or an erasure, which is no part of the fold.</summary>
    /// <remarks>Within a stream the order of the log is that of the sequence, and the fold looks at nothing but the order.</remarks>
    public RecordedEvent? Event { get; }

    private RecordedEvent Read(JsonElement payload)
    {
        if (!payload.EnumerateObject().Select(member => member.Name).SequenceEqual(Members))
        {
            throw new BundleException($"Entry {Entry.Index} does not have the content of an event.");
        }

        var type = EventCatalog.Find(Leaf.Type) ?? throw new BundleException($"Entry {Entry.Index} is a {Leaf.Type}, a type of event that this version does not know.");
        var headers = Json(payload.GetProperty("headers"));
        var body = (ILedgerEvent?)JsonSerializer.Deserialize(Json(payload.GetProperty("data")), type.Body, LedgerJson.Options);
        if (body is null || (body is LearnerRegistered registered && registered.Learner != Leaf.Stream))
        {
            throw new BundleException($"The content of entry {Entry.Index} is not that of a {Leaf.Type} in this stream.");
        }

        var occurred = DateTimeOffset.ParseExact(
            Text(headers, "occurred"), LedgerJson.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return new RecordedEvent(
            Leaf.EventId, Leaf.Type, Leaf.Stream, Leaf.Version, Entry.Index, occurred, Leaf.At, Text(headers, "actor"),
            headers.TryGetProperty("source", out var source) ? source.GetString() : null, body);
    }

    private static string Text(JsonElement headers, string name) => headers.GetProperty(name).GetString() ?? throw new FormatException($"the header {name} is null");

    private JsonElement Json(JsonElement value) =>
        Leaf.Encoding == PayloadEncoding.Jcs ? value : BundleJson.Element(Encoding.UTF8.GetBytes(value.GetString()!));
}
