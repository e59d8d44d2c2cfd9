using System.Buffers;
using System.Text;
using System.Text.Json;
using LearningLedger.Bundles;
using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Tests.Integrity;
using LearningLedger.Tests.Integrity.Trees;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Bundles;

/// <summary>A tenant's log in memory: leaves of streams with other learners' between them, heads, checkpoints, bundles.</summary>
internal sealed class BundleLog
{
    public const string Origin = "ledger.example/acme";

    private readonly List<(byte[] Leaf, byte[] Payload, byte[] Salt, Guid Stream, long Version)> entries = [];
    private readonly Dictionary<Guid, StreamHead> ends = [];
    private readonly Dictionary<int, byte[]> buckets = [];
    private readonly HeadsTree heads = new();
    private readonly TileLog log = new();
    private (HeadsLeaf Leaf, long Index, Dictionary<int, byte[]> Buckets, Func<int, TreeHash[]> Path)? latest;

    public static SigningKey Key { get; } = Keys.Log(Origin);

    public static SigningKey Witness { get; } = Keys.Witness("witness.example/w");

    public static TrustPolicy Policy { get; } = PolicyOf($"log {Key.Verifier}\nquorum none\n");

    public static TrustPolicy Witnessed { get; } = PolicyOf(WitnessedText);

    public static string PolicyText => $"log {Key.Verifier}\nquorum none\n";

    public static string WitnessedText => $"log {Key.Verifier}\nwitness w {Witness.Verifier}\nquorum w\n";

    /// <summary>Leaves before the one to come.</summary>
    public long Size => entries.Count;

    public static TrustPolicy PolicyOf(string text) => TrustPolicy.Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>The log of a stream, strangers between its events, with heads at the end.</summary>
    public static BundleLog Of(LearnerStream stream) => new BundleLog().Take(stream).AddHeads();

    public BundleLog Take(LearnerStream stream, int from = 0)
    {
        foreach (var recorded in stream.Events.Skip(from))
        {
            Stranger(Size + 1);
            Add(recorded);
        }

        return this;
    }

    public BundleLog Add(RecordedEvent recorded, EventLeafKind kind = EventLeafKind.Event, string? type = null)
    {
        var payload = new ArrayBufferWriter<byte>();
        var enc = EventPayload.Write(
            payload, JsonSerializer.SerializeToUtf8Bytes(recorded.Data, recorded.Data.GetType(), LedgerJson.Options),
            JsonSerializer.SerializeToUtf8Bytes(
                new { occurred = recorded.Occurred, source = recorded.Source, actor = recorded.Actor, fp = "x" }, LedgerJson.Options),
            "c-1", null, null);
        var salt = new byte[32];
        Commitment.Salt(new byte[32], recorded.EventId, salt);
        var leaf = new EventLeaf(
            recorded.Recorded, Commitment.Of(salt, payload.WrittenSpan), enc, recorded.EventId, kind, recorded.Version, recorded.Stream, Tenant, type ?? recorded.Type);
        Append(leaf.Bytes(), payload.WrittenSpan.ToArray(), salt, recorded.Stream, recorded.Version);
        ends[recorded.Stream] = new(recorded.Version, Size - 1);
        var bucket = HeadsBucket.Of(recorded.Stream);
        heads.Set(bucket, buckets[bucket] = HeadsBucket.With(buckets.GetValueOrDefault(bucket, []), recorded.Stream, ends[recorded.Stream]));
        return this;
    }

    public BundleLog AddHeads(DateTimeOffset? at = null)
    {
        var leaf = new HeadsLeaf(at ?? Day(700), Tenant, Size, heads.Root(), ends.Count);
        var kept = heads.TakeTiles();
        tiles = [.. tiles.Where(t => kept.All(k => k.Id != t.Id)), .. kept];
        var tree = HeadsTree.Resume(tiles);
        latest = (leaf, Size, new(buckets), tree.Path);
        Append(leaf.Bytes(), [], [], Guid.Empty, 0);
        return this;
    }

    public SignedNote Checkpoint(bool witnessed = false)
    {
        var note = new Checkpoint(Origin, log.Size, log.Root).Sign(Key);
        return witnessed ? note.With(SignedNote.ParseSignatures(Witness.Cosign(note.Text, 1_790_000_000))) : note;
    }

    /// <summary>An earlier checkpoint with its timestamp, as a bundle has it.</summary>
    public BundleTimestamp Stamp(TimeToken stamp) => new(
        stamp.Checkpoint.ToString(), ProofPlan.Consistency(LearningLedger.Integrity.Checkpoint.Parse(stamp.Checkpoint.Text).Size, log.Size).Hashes(log.Read), stamp.Token);

    public List<BundleEntry> Entries(Guid learner, long upTo = long.MaxValue, Func<long, bool>? isShown = null) =>
        [.. entries.Index().Where(e => e.Item.Stream == learner && e.Item.Version <= upTo).Select(e => BundleEntry.Of(
            e.Index, e.Item.Leaf, Path(e.Index), isShown is null || isShown(e.Item.Version) ? e.Item.Payload : [], e.Item.Salt))];

    public BundleHeads? Heads(Guid learner) => latest is { } h
        ? BundleHeads.Of(h.Index, h.Leaf, Path(h.Index), h.Buckets.GetValueOrDefault(HeadsBucket.Of(learner), []), h.Path(HeadsBucket.Of(learner)))
        : null;

    public ProofBundle Bundle(BundleAsOf? asOf = null, bool witnessed = false) =>
        ProofBundle.Make(Learner, Checkpoint(witnessed), Entries(Learner), Heads(Learner), asOf);

    private List<Tile> tiles = [];

    private TreeHash[] Path(long index) => ProofPlan.Inclusion(index, log.Size).Hashes(log.Read);

    private void Stranger(long n) => Add(new RecordedEvent(
        LedgerIds.Event(Tenant, "x", $"{n}"), "learner.registered", LedgerIds.Cohort(Tenant, $"{n}"), 1, n, Day(1), Day(1), PlatformKey, null,
        new LearnerRegistered(LedgerIds.Cohort(Tenant, $"{n}"))));

    private void Append(byte[] leaf, byte[] payload, byte[] salt, Guid stream, long version)
    {
        entries.Add((leaf, payload, salt, stream, version));
        log.Grow([TreeHash.Leaf(leaf)], 1);
    }
}
