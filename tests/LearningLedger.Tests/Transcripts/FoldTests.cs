using LearningLedger.Events;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Transcripts;

public class FoldTests
{
    [Fact]
    public void An_empty_stream_has_an_empty_transcript()
    {
        var transcript = Transcript.Fold(Learner, []);
        Assert.Equal(LedgerPosition.Start, transcript.Position);
        Assert.Equal(Transcript.Empty(Learner).Visible(), transcript.Visible());
    }

    [Fact]
    public void The_position_is_that_of_the_last_event()
    {
        var stream = FoundationsAwarded();
        var last = stream.Events[^1];
        Assert.Equal(new LedgerPosition(last.Sequence, last.Version, last.Recorded), stream.Transcript.Position);
    }

    [Fact]
    public void A_transcript_once_returned_never_changes()
    {
        var stream = FoundationsAwarded();
        var transcript = stream.Transcript;
        var before = transcript.Visible();
        transcript.Evolve(stream.Voided(stream.Id(2)).Events[^1]);
        Assert.Equal(before, transcript.Visible());
    }

    [Fact]
    public void Occurred_by_leaves_out_what_happened_later_even_if_recorded_earlier()
    {
        var stream = NewLearner().Attempted("linux", 0.9m, 5).Attempted("linux", 0.4m, 2);
        var attempts = Transcript.Fold(Learner, stream.Events, Day(3)).AttemptsAt("linux");
        Assert.Equal(0.4m, Assert.Single(attempts.All).Score);
    }

    [Fact]
    public void An_automatic_award_occurred_when_its_basis_did()
    {
        var stream = FoundationsAwarded();
        Assert.Empty(Transcript.Fold(Learner, stream.Events, Day(2).AddTicks(-10)).Awards);
        Assert.Single(Transcript.Fold(Learner, stream.Events, Day(2)).Awards);
    }

    [Fact]
    public void A_second_voiding_of_an_attempt_is_a_stray_and_the_first_stays()
    {
        var stream = FoundationsPassed();
        var transcript = stream.Voided(stream.Id(2), 10).Voided(stream.Id(2), 11).Transcript;
        Assert.Equal(Day(10), transcript.Voidings[stream.Id(2)].At.Occurred);
        Assert.Equal(StrayReason.Repeated, Assert.Single(transcript.Strays).Why);
    }

    [Fact]
    public void A_change_of_an_unknown_award_is_a_stray() => Assert.Equal(
        StrayReason.Unknown, Assert.Single(NewLearner().Append(new AwardFlagged(Guid.Empty, "x", []), Day(1), Board).Transcript.Strays).Why);

    [Fact]
    public void A_change_the_status_does_not_allow_is_a_stray()
    {
        var stream = FoundationsAwarded();
        var transcript = stream.Append(new AwardReinstated(stream.Award("foundations").Id, "x", Day(9)), Day(9), Board).Transcript;
        Assert.Equal(StrayReason.OutOfPlace, Assert.Single(transcript.Strays).Why);
        Assert.Single(transcript.Awards[0].History);
    }

    [Fact]
    public void Nothing_changes_a_revoked_award()
    {
        var stream = OperationsAwarded().Revoked("operations");
        var id = stream.Award("operations").Id;
        stream.Append(new AwardRenewed(id, "x", Day(90), Day(900), []), Day(90), Board)
            .Append(new AwardRevoked(id, "x", Day(91)), Day(91), Board)
            .Append(new AwardFlagged(id, "x", []), Day(92), Board);
        Assert.Equal(AwardStatusOf(stream), (LearningLedger.Awards.AwardStatus.Revoked, false));
        Assert.Equal(3, stream.Transcript.Strays.Count);
    }

    [Fact]
    public void An_event_of_another_family_is_a_stray() => Assert.Equal(
        StrayReason.Unhandled, Assert.Single(NewLearner().Append(new CohortJoined("c", Learner), Day(1), Board).Transcript.Strays).Why);

    private static (LearningLedger.Awards.AwardStatus, bool) AwardStatusOf(LearnerStream stream) =>
        (stream.Award("operations").Status, stream.Award("operations").Flagged);
}
