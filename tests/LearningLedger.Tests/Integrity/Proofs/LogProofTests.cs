using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Tests.Integrity.Trees;

namespace LearningLedger.Tests.Integrity.Proofs;

public class LogProofTests
{
    [Fact]
    public void Judges_the_published_proofs()
    {
        var cases = Vectors.Json("tlog-proof", "manifest.json").GetProperty("cases").EnumerateArray().ToList();

        Assert.Equal(14, cases.Count);
        Assert.All(cases, c =>
        {
            var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {c.Text("vkey")}\nquorum none\n"));
            var file = File.ReadAllBytes(Vectors.File("tlog-proof", c.Text("file")));
            Assert.Equal(c.Hex("leafHashHex"), TreeHash.Leaf(c.Hex("entryHex")).ToArray());
            if (c.Text("want") == "ok")
            {
                var proof = LogProof.Parse(file);
                Assert.True(proof.Verify(TreeHash.Leaf(c.Hex("entryHex")), policy).HasQuorum, c.Text("file"));
                Assert.Equal(Encoding.UTF8.GetString(file), proof.ToString());
            }
            else
            {
                Assert.Throws<NoteException>(() => LogProof.Parse(file).Verify(TreeHash.Leaf(c.Hex("entryHex")), policy));
            }
        });
    }

    [Fact]
    public void Carries_extra_bytes_and_says_when_witnesses_are_missing()
    {
        var log = new TileLog();
        log.Grow(Enumerable.Range(0, 300).Select(NaiveTree.LeafAt), 300);
        var witness = Keys.Witness("w.example");
        var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {Keys.Log("a").Verifier}\nwitness w {witness.Verifier}\nquorum w\n"));
        var note = new Checkpoint("a", log.Size, log.Root).Sign(Keys.Log("a"));
        var proof = new LogProof(7, ProofPlan.Inclusion(7, 300).Hashes(log.Read), note, "x"u8.ToArray());

        var read = LogProof.Parse(Encoding.UTF8.GetBytes(proof.ToString()));
        Assert.Equal(proof.ToString(), read.ToString());
        Assert.Equal("x"u8.ToArray(), read.Extra!.Value.ToArray());
        Assert.False(read.Verify(NaiveTree.LeafAt(7), policy).HasQuorum);
        Assert.True((read with { Checkpoint = note.With(SignedNote.ParseSignatures(witness.Cosign(note.Text, 5))) }).Verify(NaiveTree.LeafAt(7), policy).HasQuorum);
        Assert.Throws<NoteException>(() => read.Verify(NaiveTree.LeafAt(8), policy));
    }
}
