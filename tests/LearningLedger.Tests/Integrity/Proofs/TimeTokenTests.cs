using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Proofs;

public sealed class TimeTokenTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SignedNote Note = new Checkpoint("ledger.example/acme", 7, TreeHash.Leaf([1])).Sign(Keys.Log("ledger.example/acme"));

    private readonly TestAuthority authority = new();
    private readonly TestAuthority stranger = new();

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }

    [Fact]
    public void Tells_the_time_by_an_authority_or_by_who_vouches_for_it()
    {
        Assert.Equal((Noon, authority.Own), authority.Stamp(Note, Noon).Verify([stranger.Own, authority.Own]));
        Assert.Equal((Noon, authority.Root), authority.Stamp(Note, Noon).Verify([authority.Root]));
    }

    [Fact]
    public void Is_nobodys_word_where_the_policy_knows_neither()
    {
        Assert.Equal((Noon, null), authority.Stamp(Note, Noon).Verify([]));
        Assert.Equal((Noon, null), authority.Stamp(Note, Noon).Verify([stranger.Own, stranger.Root]));
        Assert.Equal((Noon, null), authority.Stamp(Note, Noon, carriesRoot: false).Verify([authority.Root]));
    }

    [Fact]
    public void Refuses_a_token_for_another_checkpoint_one_that_was_changed_and_what_is_none()
    {
        var token = authority.Stamp(Note, Noon).Token;
        var other = new Checkpoint("ledger.example/acme", 8, TreeHash.Leaf([1])).Sign(Keys.Log("ledger.example/acme"));

        Assert.Equal(NoteFault.Invalid, Refusal(new TimeToken(other, token)));
        Refusal(new TimeToken(Note, [.. token, 0]));
        Refusal(new TimeToken(Note, token[..^1]));
        Refusal(new TimeToken(Note, []));
        Refusal(new TimeToken(Note, authority.Stamp(Note, new DateTimeOffset(2019, 1, 1, 0, 0, 0, TimeSpan.Zero)).Token)); // before its certificate began
        var time = token.AsSpan().IndexOf("20260301120000Z"u8);
        Refusal(new TimeToken(Note, [.. token.Select((b, i) => i == time + 3 ? (byte)'5' : b)]));
        Refusal(new TimeToken(Note, [.. token.Select((b, i) => i == token.Length - 1 ? (byte)(b ^ 1) : b)]));
    }

    private NoteFault Refusal(TimeToken token) => Assert.Throws<NoteException>(() => token.Verify([authority.Own])).Fault;
}
