using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LearningLedger.Integrity;

namespace LearningLedger.Bundles;

/// <summary>A transcript with all that is needed to check it offline: <c>*.llproof</c>.</summary>
/// <remarks>
/// A file is exactly the RFC 8785 bytes of <c>{"bundle": ..., "digest": ...}</c>. The digest, SHA-256 over the bytes of the member <c>bundle</c> as 64 lower-case
/// hex digits, finds damage alone; lies are found by the proofs. No key within counts: who checks brings a <see cref="TrustPolicy"/>.
/// Sequence numbers are in no leaf, so the lines have none; the indices of their entries stand in their place.
/// </remarks>
/// <param name="AsOf">The moment in the past the transcript stands at; null: it is the latest the ledger had.</param>
/// <param name="Checkpoint">The log's signed checkpoint with its cosignatures, verbatim.</param>
/// <param name="Entries">The events of the learner's stream from version 1 on, in order.</param>
/// <param name="Format"><see cref="FormatName"/>, or <see cref="LinkedFormatName"/> where others are linked.</param>
/// <param name="Heads">Where the stream ended when the log was of some size; null: nothing shows that the entries are all there are.</param>
/// <param name="Learner">The learner, whose id is the stream's.</param>
/// <param name="Lines">The transcript.</param>
/// <param name="Projection">The rule that made the lines from the events.</param>
/// <param name="Timestamps">Checkpoints that were stamped with a time; the member is left out where there are none.</param>
/// <param name="Linked">The streams of the learners who are linked, in the order of their ids; the member is left out where none is.</param>
public sealed record ProofBundle(
    BundleAsOf? AsOf, string Checkpoint, IReadOnlyList<BundleEntry> Entries, string Format, BundleHeads? Heads, Guid Learner,
    IReadOnlyList<BundleLine> Lines, BundleProjection Projection,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<BundleTimestamp>? Timestamps = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<BundleStream>? Linked = null)
{
    /// <summary>Name and version of the format.</summary>
    public const string FormatName = "learningledger-proof/1";

    /// <summary>Name and version of the format where the transcript folds several streams.</summary>
    public const string LinkedFormatName = "learningledger-proof/2";

    private const int DigestLength = 2 * SHA256.HashSizeInBytes;

    private static readonly JsonSerializerOptions Json = MakeOptions();

    /// <summary>Makes the bundle of a learner: the lines follow from the entries.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="checkpoint">A signed checkpoint that covers all entries and the heads.</param>
    /// <param name="entries">
    /// The stream's events from version 1 on. For a moment in the past given as a time: up to it, and the next one without content, whose recorded time shows
    /// that it came later. Of an erased learner all events, for any moment: the last says why the others have no content.
    /// </param>
    /// <param name="heads">The latest heads leaf under the checkpoint, or null.</param>
    /// <param name="asOf">The moment in the past, or null.</param>
    /// <param name="timestamps">Checkpoints that were stamped with a time; none is the same as null.</param>
    /// <param name="linked">The streams of the learners who are linked at that moment, likewise; then the moment is a time. None is the same as null.</param>
    /// <exception cref="BundleException">An entry is not an event whose content this version of the ledger knows.</exception>
    public static ProofBundle Make(
        Guid learner, SignedNote checkpoint, IReadOnlyList<BundleEntry> entries, BundleHeads? heads, BundleAsOf? asOf = null,
        IReadOnlyList<BundleTimestamp>? timestamps = null, IReadOnlyList<BundleStream>? linked = null)
    {
        var others = linked is { Count: > 0 } ? linked : null;
        var events = BundleLines.Folded([entries, .. (others ?? []).Select(l => l.Entries)], asOf);
        return new ProofBundle(
            asOf, checkpoint.ToString(), entries, others is null ? FormatName : LinkedFormatName, heads, learner, BundleLines.Of(learner, events), BundleProjection.Current,
            timestamps is { Count: > 0 } ? timestamps : null, others);
    }

    /// <summary>The file.</summary>
    public byte[] Utf8()
    {
        var bundle = CanonicalJson.Bytes(JsonSerializer.SerializeToElement(this, Json));
        return [.. Before, .. bundle, .. Between, .. Encoding.ASCII.GetBytes(Digest(bundle)), .. "\"}"u8];
    }

    /// <summary>Reads a file; takes exactly the bytes that <see cref="Utf8"/> gives.</summary>
    /// <exception cref="BundleException">Not a bundle, or damaged.</exception>
    public static ProofBundle Parse(ReadOnlySpan<byte> file)
    {
        var tail = Between.Length + DigestLength + 2;
        if (file.Length < Before.Length + tail || !file.StartsWith(Before) || !file[^tail..].StartsWith(Between) || !file.EndsWith("\"}"u8))
        {
            throw new BundleException("The file is not a proof bundle.");
        }

        var bytes = file[Before.Length..^tail];
        if (Encoding.ASCII.GetString(file[^(DigestLength + 2)..^2]) != Digest(bytes))
        {
            throw new BundleException("The file is damaged: its digest is another.");
        }

        try
        {
            var bundle = JsonSerializer.Deserialize<ProofBundle>(bytes, Json);
            return bundle is not null && bundle.Format == (bundle.Linked is null ? FormatName : LinkedFormatName) && bundle.Linked is not []
                && bundle.Linked?.Contains(null!) != true && bundle.Linked?.Any(l => l.Entries.Contains(null!)) != true && !bundle.Entries.Contains(null!) && !bundle.Lines.Contains(null!)
                && bundle.Timestamps is null or { Count: > 0 } && bundle.Timestamps?.Contains(null!) is not true
                && file.SequenceEqual(bundle.Utf8())
                ? bundle
                : throw new BundleException($"The file is not of format {FormatName} or {LinkedFormatName} in its one spelling.");
        }
        catch (Exception e) when (e is JsonException or CanonicalJsonException or InvalidOperationException)
        {
            throw new BundleException($"The file is not of format {FormatName}: {e.Message}");
        }
    }

    /// <summary>A digest as files write it.</summary>
    public static string Digest(ReadOnlySpan<byte> bundle) => Convert.ToHexStringLower(SHA256.HashData(bundle));

    private static ReadOnlySpan<byte> Before => "{\"bundle\":"u8;

    private static ReadOnlySpan<byte> Between => ",\"digest\":\""u8;

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions();
        LedgerJson.Configure(options);
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new HashConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class HashConverter : JsonConverter<TreeHash>
    {
        public override TreeHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TreeHash.TryParse(reader.GetString(), out var hash) ? hash : throw new JsonException("A hash is 32 bytes in base64.");

        public override void Write(Utf8JsonWriter writer, TreeHash value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

/// <summary>A file is not a bundle, or what it is made from cannot be put into one.</summary>
/// <param name="message">Why.</param>
public sealed class BundleException(string message) : Exception(message);
