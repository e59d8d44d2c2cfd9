using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Tests.Integrity.Trees;

namespace LearningLedger.Tests.Integrity.Proofs;

public class WitnessTests
{
    [Fact]
    public void Answers_the_published_conversation()
    {
        var file = Vectors.Json("tlog-witness", "litewitness-add-checkpoint.json");
        var log = VerifierKey.Of(file.GetProperty("log").Text("origin"), SignatureType.Ed25519, file.GetProperty("log").Hex("ed25519PublicKeyHex"));
        var witness = Keys.Witness("example.com/witness");
        Checkpoint? latest = null;
        var steps = file.GetProperty("steps").EnumerateArray().ToList();

        Assert.Equal(9, steps.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            var request = WitnessRequest.Parse(Encoding.UTF8.GetBytes(steps[i].Text("body")));
            var verdict = request.Judge([log], latest);

            // The third step names another log. That witness answered 403; the specification now asks for 404.
            Assert.True((i == 2 ? 404 : steps[i].GetProperty("wantStatus").GetInt32()) == (int)verdict.Status, $"step {i + 1}: {verdict}");
            if (verdict.Status == WitnessStatus.Stale)
            {
                Assert.Equal(steps[i].GetProperty("bodyAssert").Text("value"), verdict.Body);
            }

            if (verdict.Head is { } head)
            {
                latest = head;
                Assert.StartsWith(steps[i].GetProperty("bodyAssert").Text("value"), witness.Cosign(request.Checkpoint.Text, 1_700_000_000 + i));
            }

            Assert.Equal(steps[i].Text("body"), request.ToString());
        }

        Assert.Equal(5, latest!.Size);
    }

    [Fact]
    public void Signs_and_judges_the_cosignature_made_from_the_specification()
    {
        var file = Vectors.Json("tlog-witness", "cosignature-v1-ed25519.json");
        var note = SignedNote.Parse(file.Text("checkpoint"));
        var key = VerifierKey.Parse(file.GetProperty("witness").Text("vkey"));
        using var witness = new SigningKey(key.Name, SignatureType.Cosignature, file.GetProperty("witness").Hex("testSeedHex"));

        Assert.Equal(key, witness.Verifier);
        Assert.Equal(file.Text("cosignatureLine"), witness.Cosign(note.Text, file.GetProperty("timestamp").GetInt64()));
        var cosigned = note.With(SignedNote.ParseSignatures(file.Text("cosignatureLine")));
        Assert.Equal(file.GetProperty("timestamp").GetInt64(), Assert.Single(cosigned.Verify([key])).Time);
        Assert.All(
            file.GetProperty("reject").EnumerateArray(),
            r => Assert.Equal(NoteFault.Invalid, Assert.Throws<NoteException>(() => note.With(SignedNote.ParseSignatures(r.Text("line"))).Verify([key])).Fault));
        Assert.Throws<InvalidOperationException>(() => witness.Sign(note.Text));
        Assert.Throws<InvalidOperationException>(() => Keys.Log("a").Cosign(note.Text, 1));
    }

    [Theory]
    [InlineData(0, 0, 0, WitnessStatus.Cosign)]
    [InlineData(0, 0, 3, WitnessStatus.Cosign)]
    [InlineData(3, 3, 3, WitnessStatus.Cosign)]
    [InlineData(3, 3, 2, WitnessStatus.Malformed)]
    [InlineData(3, 2, 5, WitnessStatus.Stale)]
    [InlineData(3, 4, 5, WitnessStatus.Stale)]
    [InlineData(3, 3, 300, WitnessStatus.Cosign)]
    public void Judges_sizes(int cosigned, int old, int size, WitnessStatus status) => Assert.Equal(status, Ask(cosigned, old, size).Status);

    [Fact]
    public void Refuses_another_root_for_a_size_it_cosigned_and_a_proof_from_nothing()
    {
        Assert.Equal(WitnessStatus.Inconsistent, Ask(3, 3, 3, latest => latest with { Root = TreeHash.Empty }).Status);
        Assert.Equal(WitnessStatus.Inconsistent, Ask(0, 0, 3, proof: [TreeHash.Empty]).Status);
        Assert.Equal(WitnessStatus.Inconsistent, new WitnessRequest(0, [], new Checkpoint("a", 0, TreeHash.Leaf([])).Sign(Keys.Log("a"))).Judge([Keys.Log("a").Verifier], null).Status);
        Assert.Equal(WitnessStatus.NotSigned, new WitnessRequest(0, [], new Checkpoint("a", 0, TreeHash.Empty).Sign(Keys.Log("a", 9))).Judge([Keys.Log("a").Verifier], null).Status);
        Assert.Equal(WitnessStatus.Malformed, new WitnessRequest(0, [], SignedNote.Sign("a\nb\nc\n", Keys.Log("a"))).Judge([Keys.Log("a").Verifier], null).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("old 0\n")]
    [InlineData("old 01\n\n{0}")]
    [InlineData("new 0\n\n{0}")]
    [InlineData("old 0\nx\n\n{0}")]
    [InlineData("old 0\n\na\n1\n")]
    public void Refuses_what_is_not_a_request(string body)
    {
        var note = new Checkpoint("a", 0, TreeHash.Empty).Sign(Keys.Log("a")).ToString();

        Assert.Throws<NoteException>(() => WitnessRequest.Parse(Encoding.UTF8.GetBytes(body.Replace("{0}", note))));
    }

    [Fact]
    public void Reads_no_more_than_63_hashes()
    {
        var lines = string.Concat(Enumerable.Repeat($"{TreeHash.Empty}\n", 64));
        var note = new Checkpoint("a", 0, TreeHash.Empty).Sign(Keys.Log("a"));

        Assert.Equal(63, WitnessRequest.Parse(Encoding.UTF8.GetBytes($"old 5\n{lines[45..]}\n{note}")).Proof.Count);
        Assert.Throws<NoteException>(() => WitnessRequest.Parse(Encoding.UTF8.GetBytes($"old 5\n{lines}\n{note}")));
    }

    private static WitnessVerdict Ask(int cosigned, int old, int size, Func<Checkpoint, Checkpoint>? other = null, TreeHash[]? proof = null)
    {
        var log = new TileLog();
        log.Grow(Enumerable.Range(0, size).Select(NaiveTree.LeafAt), 100);
        proof ??= old >= 1 && old <= size ? ProofPlan.Consistency(old, size).Hashes(log.Read) : [];
        var latest = cosigned == 0 ? null : new Checkpoint("a", cosigned, NaiveTree.OfSize(cosigned).Root(cosigned));
        return new WitnessRequest(old, proof, new Checkpoint("a", size, log.Root).Sign(Keys.Log("a")))
            .Judge([Keys.Log("a").Verifier], latest is null || other is null ? latest : other(latest));
    }
}
