using System.Text.Json;
using LearningLedger.Integrity;

namespace LearningLedger.Bundles;

/// <summary>One event's leaf with its proof and, where it is shown, its content.</summary>
/// <param name="Index">Index of the leaf in the log.</param>
/// <param name="Leaf">The leaf; its RFC 8785 form is what the log holds.</param>
/// <param name="Path">Its inclusion proof.</param>
/// <param name="Payload">The content the leaf commits to, see <see cref="EventPayload"/>; null: erased or not shown.</param>
/// <param name="Salt">The salt of the commitment, base64; null where the content is.</param>
public sealed record BundleEntry(long Index, JsonElement Leaf, IReadOnlyList<TreeHash> Path, JsonElement? Payload, byte[]? Salt)
{
    /// <summary>The entry of a leaf.</summary>
    /// <param name="index">Index of the leaf in the log.</param>
    /// <param name="leaf">The leaf's bytes.</param>
    /// <param name="path">Its inclusion proof.</param>
    /// <param name="payload">The content; empty: none is shown.</param>
    /// <param name="salt">Its salt; not looked at where no content is shown.</param>
    public static BundleEntry Of(long index, ReadOnlySpan<byte> leaf, IReadOnlyList<TreeHash> path, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> salt) =>
        new(index, BundleJson.Element(leaf), path, payload.IsEmpty ? null : BundleJson.Element(payload), payload.IsEmpty ? null : salt.ToArray());
}

/// <summary>Where the learner's stream ended at one size of the log.</summary>
/// <param name="Bucket">The whole content of the stream's bucket, base64, see <see cref="HeadsBucket"/>.</param>
/// <param name="Index">Index of the heads leaf in the log.</param>
/// <param name="Leaf">The heads leaf.</param>
/// <param name="Path">The inclusion proof of the heads leaf in the log.</param>
/// <param name="Proof">The inclusion proof of the bucket in the tree of heads: 16 hashes.</param>
public sealed record BundleHeads(byte[] Bucket, long Index, JsonElement Leaf, IReadOnlyList<TreeHash> Path, IReadOnlyList<TreeHash> Proof)
{
    /// <summary>The heads with the leaf's bytes as the log holds them.</summary>
    public static BundleHeads Of(long index, HeadsLeaf leaf, IReadOnlyList<TreeHash> path, byte[] bucket, IReadOnlyList<TreeHash> proof) =>
        new(bucket, index, BundleJson.Element(leaf.Bytes()), path, proof);
}

/// <summary>An earlier checkpoint of the log, and when it existed on the word of a time-stamping authority.</summary>
/// <param name="Checkpoint">The checkpoint with the log's signature, verbatim: what is stamped.</param>
/// <param name="Proof">That the bundle's checkpoint continues it.</param>
/// <param name="Token">The RFC 3161 token, DER, base64.</param>
public sealed record BundleTimestamp(string Checkpoint, IReadOnlyList<TreeHash> Proof, byte[] Token);

/// <summary>The stream of a learner who is linked to the bundle's: the same person under another name.</summary>
/// <param name="Entries">Its events from version 1 on, in order, as those of the bundle.</param>
/// <param name="Heads">Where it ended; null: nothing shows that the entries are all there are.</param>
/// <param name="Learner">The learner.</param>
public sealed record BundleStream(IReadOnlyList<BundleEntry> Entries, BundleHeads? Heads, Guid Learner);

/// <summary>A line of the transcript.</summary>
/// <param name="Entries">Indices of the entries it rests on, rising.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Line">The line as the transcript has it, without sequence numbers.</param>
public sealed record BundleLine(IReadOnlyList<long> Entries, BundleLineKind Kind, JsonElement Line);

/// <summary>What a line is about.</summary>
public enum BundleLineKind
{
    /// <summary>An award.</summary>
    Milestone,

    /// <summary>A skill.</summary>
    Skill,

    /// <summary>An event whose content is not in the bundle: its id, type, version and recorded time.</summary>
    Event,
}

/// <summary>The moment in the past a transcript stands at: one of the two.</summary>
/// <param name="Recorded">All that was recorded up to this time, UTC; null: see <paramref name="Version"/>.</param>
/// <param name="Version">All up to this version of the stream; null: see <paramref name="Recorded"/>.</param>
public sealed record BundleAsOf(DateTimeOffset? Recorded, long? Version)
{
    /// <summary>Whether the transcript has this event.</summary>
    internal bool Includes(EventLeaf leaf) => leaf.At <= (Recorded ?? DateTimeOffset.MaxValue) && leaf.Version <= (Version ?? long.MaxValue);
}

/// <summary>The rule that makes lines from events.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version. A change of the fold that can give other lines for the same events is another version.</param>
public sealed record BundleProjection(string Name, int Version)
{
    /// <summary>The one this ledger and this verifier apply.</summary>
    public static BundleProjection Current { get; } = new("transcript", 1);
}

/// <summary>JSON within bundles.</summary>
internal static class BundleJson
{
    public static JsonElement Element(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.Clone();
    }
}
