using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Notes;

public class TrustPolicyTests
{
    private const string Origin = "example.com/log";
    private static readonly SigningKey Log = Keys.Log(Origin);
    private static readonly SigningKey[] Witness = [.. Enumerable.Range(1, 6).Select(i => Keys.Witness($"w{i}.example/w", i))];

    private static TrustPolicy Parse(string text) => TrustPolicy.Parse(Encoding.UTF8.GetBytes(text));

    private static string Logs => $"log {Log.Verifier}\n";

    private static string Three => string.Concat(Enumerable.Range(0, 3).Select(i => $"witness X{i + 1} {Witness[i].Verifier}\n"));

    [Theory]
    [InlineData("quorum none\n", "", true)]
    [InlineData("quorum X1\n", "", false)]
    [InlineData("quorum X1\n", "0", true)]
    [InlineData("quorum X1\n", "1", false)]
    [InlineData("group g all X1 X2 X3\nquorum g\n", "01", false)]
    [InlineData("group g all X1 X2 X3\nquorum g\n", "012", true)]
    [InlineData("group g any X1 X2 X3\nquorum g\n", "2", true)]
    [InlineData("group g 2 X1 X2 X3\nquorum g\n", "2", false)]
    [InlineData("group g 2 X1 X2 X3\nquorum g", "02", true)]
    [InlineData("  # a comment\n\t\ngroup a any X1 X2\ngroup b\tall  X3 a \nquorum b\n", "12", true)]
    [InlineData("group a any X1 X2\ngroup b all X3 a\nquorum b\n", "01", false)]
    public void Counts_witnesses_as_the_policy_says(string rest, string cosigners, bool quorum)
    {
        var head = new Checkpoint(Origin, 0, TreeHash.Empty);
        var note = head.Sign(Log);
        note = note.With(cosigners.SelectMany(c => SignedNote.ParseSignatures(Witness[c - '0'].Cosign(note.Text, 1_700_000_000 + c - '0'))));
        var trusted = Parse(Logs + Three + rest).Judge(note);

        Assert.Equal(quorum, trusted.HasQuorum);
        Assert.Equal(cosigners.Length, trusted.Cosignatures.Count);
        Assert.Equal(head, trusted.Head with { Extensions = head.Extensions });
        Assert.Equal(cosigners.Length == 0 ? null : 1_700_000_000 + cosigners.Max() - '0', trusted.Witnessed?.ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData("")]
    [InlineData("quorum none\nquorum none\n")]
    [InlineData("quorum X4\n")]
    [InlineData("quorum g\ngroup g any X1\n")]
    [InlineData("quorum none\ngroup g any X1\ngroup h any X1\n")]
    [InlineData("quorum none\ngroup g any X1 X1\n")]
    [InlineData("quorum none\ngroup g any none\n")]
    [InlineData("quorum none\ngroup g any\n")]
    [InlineData("quorum none\ngroup g 0 X1\n")]
    [InlineData("quorum none\ngroup g 2 X1\n")]
    [InlineData("quorum none\ngroup g some X1\n")]
    [InlineData("quorum none\ngroup X1 any X2\n")]
    [InlineData("quorum none\ngroup none any X2\n")]
    [InlineData("quorum none\nlog\n")]
    [InlineData("quorum none\nlogs x\n")]
    [InlineData("quorum none\n#receipts\n")]
    [InlineData("quorum none\n#receipts x\n")]
    [InlineData("quorum none\r\n")]
    [InlineData("quorum none\n\0\n")]
    public void Refuses_what_is_not_a_policy(string rest) => Assert.Throws<NoteException>(() => Parse(Logs + Three + rest));

    [Fact]
    public void Refuses_a_key_listed_twice_whatever_its_name_and_keys_of_the_wrong_type()
    {
        Assert.Throws<NoteException>(() => Parse($"{Logs}log {Keys.Log("example.com/other").Verifier}\nquorum none\n"));
        Assert.Throws<NoteException>(() => Parse($"{Three}witness X4 {Keys.Witness("other.example", 1).Verifier}\nquorum none\n"));
        Assert.Throws<NoteException>(() => Parse($"log {Witness[0].Verifier}\nquorum none\n"));
        Assert.Throws<NoteException>(() => Parse($"witness X {Log.Verifier}\nquorum none\n"));
        Assert.Throws<NoteException>(() => Parse($"{Logs}#receipts {Keys.Log(Receipt.KeyName(Origin)).Verifier}\nquorum none\n"));
    }

    [Fact]
    public void Takes_names_and_comments_of_any_bytes() =>
        Assert.False(TrustPolicy.Parse([.. Encoding.ASCII.GetBytes($"# "), 0xff, 0x0a, .. Encoding.ASCII.GetBytes("witness "), 0xe2, 0x84, 0xaa,
            .. Encoding.ASCII.GetBytes($" {Witness[0].Verifier} https://w.example\nquorum "), 0xe2, 0x84, 0xaa, 0x0a]).NeedsNoWitness);

    [Fact]
    public void Trusts_no_log_it_does_not_name_and_none_under_another_s_name()
    {
        var note = new Checkpoint(Origin, 0, TreeHash.Empty).Sign(Log);
        var other = Keys.Log("example.com/other", 9);

        Assert.Throws<NoteException>(() => Parse($"log {other.Verifier}\nquorum none\n").Judge(note));
        Assert.Throws<NoteException>(() => Parse($"log {Keys.Log(Origin, 9).Verifier}\nquorum none\n").Judge(note));
        Assert.Throws<NoteException>(() => Parse($"{Logs}log {other.Verifier}\nquorum none\n").Judge(SignedNote.Sign(note.Text, other)));
        Assert.Throws<NoteException>(() => Parse($"{Logs}quorum none\n").Judge(note with { Text = note.Text.Replace("\n0\n", "\n1\n") }));
    }

    [Fact]
    public void Refuses_a_checkpoint_with_a_false_cosignature_even_where_none_is_needed()
    {
        var note = new Checkpoint(Origin, 0, TreeHash.Empty).Sign(Log);
        var forged = note.With(SignedNote.ParseSignatures(Witness[0].Cosign("other\n", 1)));

        Assert.Throws<NoteException>(() => Parse($"{Logs}{Three}quorum none\n").Judge(forged));
        Assert.Empty(Parse($"{Logs}quorum none\n").Judge(forged).Cosignatures);
    }
}
