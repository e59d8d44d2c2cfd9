using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Notes;

public class SignedNoteTests
{
    private static readonly byte[] Seed = [.. Enumerable.Repeat((byte)7, 32)];

    [Fact]
    public void Judges_the_published_notes()
    {
        var cases = Vectors.Json("signed-note", "signed-note.json").GetProperty("cases").EnumerateArray().ToList();

        Assert.Equal(13, cases.Count);
        Assert.All(cases, c =>
        {
            var keys = c.GetProperty("vkeys").EnumerateArray().Select(k => VerifierKey.Parse(k.GetString()!)).ToList();
            string verdict;
            try
            {
                var by = SignedNote.Parse(c.Hex("noteHex")).Verify(keys);
                verdict = by.Count == 0 ? "unverified" : "ok";
                if (c.TryGetProperty("verifiedBy", out var wanted))
                {
                    Assert.Equal(wanted.EnumerateArray().Select(w => w.GetString()), by.Select(s => s.Key.ToString()[..s.Key.ToString().LastIndexOf('+')].Split('+') is [var n, var i, ..] ? $"{n}+{i}" : ""));
                }
            }
            catch (NoteException e)
            {
                verdict = e.Fault == NoteFault.Invalid ? "invalid" : "malformed";
            }

            Assert.True(verdict == c.Text("want"), $"{c.Text("id")}: {verdict}");
        });
    }

    [Fact]
    public void Refuses_the_published_bad_keys() =>
        Assert.All(
            Vectors.Json("signed-note", "signed-note.json").GetProperty("badVkeys").EnumerateArray().Select(k => k.Text("vkey")),
            key => Assert.Throws<NoteException>(() => VerifierKey.Parse(key)));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a+b+c")]
    [InlineData("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n")]
    [InlineData("example.com/foo +530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    public void Refuses_what_is_not_a_key(string text) => Assert.Throws<NoteException>(() => VerifierKey.Parse(text));

    [Fact]
    public void Refuses_a_key_that_anybody_can_sign_for()
    {
        var key = VerifierKey.Of("example.com/log", SignatureType.Ed25519, Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"));

        Assert.Throws<NoteException>(() => VerifierKey.Parse(key.ToString()));
    }

    [Fact]
    public void Signs_the_published_text_byte_for_byte()
    {
        var signing = Vectors.Json("signed-note", "signed-note.json").GetProperty("signing")[0];
        using var key = new SigningKey(signing.Text("keyName"), SignatureType.Ed25519, signing.Hex("publishedTestSeedHex"));

        Assert.Equal(signing.Text("keyIdHex"), key.Verifier.Id.ToString("x8"));
        Assert.Equal(Encoding.UTF8.GetString(signing.Hex("signatureLineHex")), key.Sign(Encoding.UTF8.GetString(signing.Hex("textHex"))));
    }

    [Fact]
    public void Reads_back_what_it_wrote_with_the_signatures_of_others()
    {
        using var mine = new SigningKey("example.com/a", SignatureType.Ed25519, Seed);
        using var other = new SigningKey("example.com/b", SignatureType.Ed25519, [.. Seed.Select(b => (byte)(b + 1))]);
        var note = SignedNote.Sign("Two lines,\n\none empty.\n", mine);
        note = note.With(SignedNote.ParseSignatures(other.Sign(note.Text)));

        var read = SignedNote.Parse(note.ToString());
        Assert.Equal("Two lines,\n\none empty.\n", read.Text);
        Assert.Equal([mine.Verifier, other.Verifier], read.Verify([mine.Verifier, other.Verifier]).Select(s => s.Key));
        Assert.Equal(other.Verifier, Assert.Single(read.Verify([other.Verifier])).Key);
        Assert.Equal(2, read.With(read.Signatures).Signatures.Count);
        Assert.Empty(read.Verify([mine.Verifier with { Name = "example.com/c" }]));
        Assert.Equal(mine.Verifier, VerifierKey.Parse(mine.Verifier.ToString()));
    }

    [Fact]
    public void Reads_sixteen_signatures_and_refuses_a_flood()
    {
        using var key = new SigningKey("example.com/a", SignatureType.Ed25519, Seed);
        var line = key.Sign("x\n");

        Assert.Equal(16, SignedNote.Parse("x\n\n" + string.Concat(Enumerable.Repeat(line, 16))).Signatures.Count);
        Assert.Throws<NoteException>(() => SignedNote.Parse("x\n\n" + string.Concat(Enumerable.Repeat(line, SignedNote.MostSignatures + 1))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n1\n")]
    [InlineData("a\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=")]
    [InlineData("\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("a\n01\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("a\n-1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("a\n9223372036854775808\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("a\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383ct=\n")]
    [InlineData("a\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383c==\n")]
    [InlineData("a\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n")]
    public void Refuses_what_is_not_a_checkpoint(string text) => Assert.Throws<NoteException>(() => Checkpoint.Parse(text));

    [Fact]
    public void Keeps_a_checkpoint_s_further_lines()
    {
        const string text = "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n";

        Assert.Equal(["more"], Checkpoint.Parse(text).Extensions);
        Assert.Equal(text, Checkpoint.Parse(text).Text);
        Assert.Equal(TreeHash.Empty, Checkpoint.Parse(text).Root);
    }

    [Fact]
    public void Signs_a_checkpoint_for_its_own_log_alone()
    {
        using var key = new SigningKey("example.com/a", SignatureType.Ed25519, Seed);
        var head = new Checkpoint("example.com/a", 0, TreeHash.Empty);

        Assert.Single(head.Sign(key).Verify([key.Verifier]));
        Assert.Throws<ArgumentException>(() => (head with { Origin = "example.com/b" }).Sign(key));
    }
}
