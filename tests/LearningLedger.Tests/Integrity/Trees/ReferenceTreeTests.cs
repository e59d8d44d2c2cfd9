using System.Text.Json;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Trees;

/// <summary>The published tree and proofs of transparency-dev/merkle, and the log of transparency-dev/tessera.</summary>
public class ReferenceTreeTests
{
    private const string Log = "tessera-testdata-log";

    [Fact]
    public void Has_the_published_leaves_nodes_and_roots()
    {
        var tree = Vectors.Json("rfc6962-merkle", "reference-tree.json");
        var leaves = tree.GetProperty("leafInputsHex").EnumerateArray().Select(e => TreeHash.Leaf(Convert.FromHexString(e.GetString()!))).ToList();
        var roots = tree.GetProperty("rootsHex").EnumerateArray().Select(Hex).ToList();

        var level = leaves;
        foreach (var nodes in tree.GetProperty("nodesHex").EnumerateArray())
        {
            Assert.Equal(nodes.EnumerateArray().Select(Hex), level);
            level = [.. level.Chunk(2).Where(pair => pair.Length == 2).Select(pair => TreeHash.Node(pair[0], pair[1]))];
        }

        Assert.Equal(9, roots.Count);
        var edge = new TreeEdge();
        for (var size = 0; size <= leaves.Count; size++)
        {
            Assert.Equal(roots[size], edge.Root());
            if (size < leaves.Count)
            {
                edge.Append(leaves[size]);
            }
        }
    }

    [Fact]
    public void Judges_the_published_inclusion_proofs()
    {
        var probes = Vectors.Json("rfc6962-merkle", "inclusion-probes.json").EnumerateArray().ToList();

        Assert.Equal(98, probes.Count);
        Assert.All(probes, probe =>
        {
            var holds = Hash(probe, "root") is { } root && Hash(probe, "leafHash") is { } leaf && Proof(probe) is { } proof
                && TreeProof.IsIncluded(leaf, Number(probe, "leafIdx"), Number(probe, "treeSize"), proof, root);
            Assert.True(holds != probe.GetProperty("wantErr").GetBoolean(), probe.Text("id"));
        });
    }

    [Fact]
    public void Judges_the_published_consistency_proofs()
    {
        var probes = Vectors.Json("rfc6962-merkle", "consistency-probes.json").EnumerateArray().ToList();

        Assert.Equal(98, probes.Count);
        Assert.All(probes, probe =>
        {
            var holds = Proof(probe) is { } proof
                && TreeProof.IsConsistent(Number(probe, "size1"), Number(probe, "size2"), AnyHash(probe, "root1"), AnyHash(probe, "root2"), proof);
            Assert.True(holds != probe.GetProperty("wantErr").GetBoolean(), probe.Text("id"));
        });
    }

    [Fact]
    public void Replays_the_published_log_to_every_signed_checkpoint_and_tile()
    {
        var key = VerifierKey.Parse(File.ReadAllText(Vectors.File("tlog-tiles", Log, "vkey.txt")).Trim());
        var edge = new TreeEdge();
        for (var size = 0; size <= 15; size++)
        {
            if (!File.Exists(Vectors.File("tlog-tiles", Log, $"checkpoint.{size}")))
            {
                continue;
            }

            var note = SignedNote.Parse(File.ReadAllBytes(Vectors.File("tlog-tiles", Log, $"checkpoint.{size}")));
            Assert.Equal(key, Assert.Single(note.Verify([key])).Key);
            var head = Checkpoint.Parse(note.Text);
            Assert.Equal(size, head.Size);
            if (size > 0)
            {
                ReadOnlySpan<byte> bundle = File.ReadAllBytes(Vectors.File("tlog-tiles", Log, new TileId(0, 0, size).EntriesPath));
                for (var i = 0; EntryBundle.TryRead(ref bundle, out var entry); i++)
                {
                    if (i >= edge.Size)
                    {
                        edge.Append(TreeHash.Leaf(entry));
                    }
                }

                Assert.Equal(File.ReadAllBytes(Vectors.File("tlog-tiles", Log, new TileId(0, 0, size).Path)), Assert.Single(edge.TakeTiles()).Hashes);
            }

            Assert.Equal(size, edge.Size);
            Assert.Equal(head.Root, edge.Root());
        }

        Assert.Equal(15, edge.Size);
    }

    private static TreeHash Hex(JsonElement element) => new(Convert.FromHexString(element.GetString()!));

    // Numbers beyond 2^63 - 1 become negative, which no size or index is.
    private static long Number(JsonElement probe, string member) => unchecked((long)probe.GetProperty(member).GetUInt64());

    private static TreeHash? Hash(JsonElement probe, string member) =>
        probe.GetProperty(member).GetString() is { } text && TreeHash.TryParse(text, out var hash) ? hash : null;

    // Some roots of these probes are texts of other lengths, of which it matters only whether they are equal.
    private static TreeHash AnyHash(JsonElement probe, string member) => Hash(probe, member) ?? TreeHash.Leaf(probe.GetProperty(member).GetBytesFromBase64());

    private static TreeHash[]? Proof(JsonElement probe)
    {
        var proof = probe.GetProperty("proof");
        var hashes = proof.ValueKind == JsonValueKind.Null
            ? []
            : proof.EnumerateArray().Select(e => TreeHash.TryParse(e.GetString()!, out var hash) ? hash : (TreeHash?)null).ToList();
        return hashes.Contains(null) ? null : [.. hashes.Select(h => h!.Value)];
    }
}
