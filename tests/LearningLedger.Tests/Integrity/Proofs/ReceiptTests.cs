using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Proofs;

public class ReceiptTests
{
    private const string Origin = "example.com/log/default";
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Receipt Sample = new(
        Origin,
        [
            new(new Guid("0ce65e4c-5f5a-5c1c-8f4f-7a6b2f3d9c01"), 12, TreeHash.Empty, At, At.AddMinutes(1)),
            new(new Guid("0ce65e4c-5f5a-5c1c-8f4f-7a6b2f3d9c02"), 1, TreeHash.Leaf([]), At.AddHours(-1), At),
        ]);

    private static readonly TrustPolicy Policy = PolicyWith($"#receipts {Keys.Receipts(Origin).Verifier}");

    private static TrustPolicy PolicyWith(string receipts) => TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {Keys.Log(Origin).Verifier}\n{receipts}\nquorum none\n"));

    [Fact]
    public void Is_written_as_documented()
    {
        Assert.Equal(
            $"""
            learningledger/receipt@v1
            example.com/log/default
            0ce65e4c-5f5a-5c1c-8f4f-7a6b2f3d9c01 12 {TreeHash.Empty} 2026-03-01T12:00:00.000000Z 2026-03-01T12:01:00.000000Z
            0ce65e4c-5f5a-5c1c-8f4f-7a6b2f3d9c02 1 {TreeHash.Leaf([])} 2026-03-01T11:00:00.000000Z 2026-03-01T12:00:00.000000Z

            """,
            Sample.Text);
    }

    [Fact]
    public void Is_believed_when_the_receipt_key_of_its_log_signed_it()
    {
        var note = SignedNote.Parse(Sample.Sign(Keys.Receipts(Origin)));

        Assert.Equal(Sample.Events, Receipt.Verify(note, Policy).Events);
    }

    [Fact]
    public void Is_not_believed_from_the_log_s_key_another_log_s_receipt_key_or_an_unknown_one()
    {
        Assert.Throws<ArgumentException>(() => Sample.Sign(Keys.Log(Origin)));
        Assert.Throws<NoteException>(() => Receipt.Verify(SignedNote.Sign(Sample.Text, Keys.Log(Origin)), Policy));
        Assert.Throws<NoteException>(() => Receipt.Verify(SignedNote.Sign(Sample.Text, Keys.Receipts("example.com/log/other")), PolicyWith($"#receipts {Keys.Receipts("example.com/log/other").Verifier}")));
        Assert.Throws<NoteException>(() => Receipt.Verify(SignedNote.Parse(Sample.Sign(Keys.Receipts(Origin, 9))), Policy));
        Assert.Throws<NoteException>(() => Receipt.Verify(SignedNote.Parse(Sample.Sign(Keys.Receipts(Origin))), PolicyWith("# receipts")));
    }

    [Theory]
    [InlineData("learningledger/receipt@v1\nx\n")]
    [InlineData("learningledger/receipt@v2\nx\n{0}\n")]
    [InlineData("learningledger/receipt@v1\nx\n{0} \n")]
    [InlineData("learningledger/receipt@v1\nx\n0{0}\n")]
    [InlineData("learningledger/receipt@v1\nx\n{0}\n\n")]
    [InlineData("learningledger/receipt@v1\nx\n{0}")]
    public void Refuses_what_is_not_a_receipt(string text)
    {
        var line = Sample.Text.Split('\n')[2];

        Assert.Single(Receipt.Parse($"learningledger/receipt@v1\nx\n{line}\n").Events);
        Assert.Throws<NoteException>(() => Receipt.Parse(text.Replace("{0}", line)));
        Assert.Throws<NoteException>(() => Receipt.Parse($"learningledger/receipt@v1\nx\n{line.ToUpperInvariant()}\n"));
    }
}
