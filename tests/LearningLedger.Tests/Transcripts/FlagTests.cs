using LearningLedger.Awards;
using LearningLedger.Events;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Transcripts;

public class FlagTests
{
    private static void IsFlagged(LearnerStream stream, string milestone, string reason) =>
        Assert.Equal(reason, Assert.Single(stream.Award(milestone).Doubts.Select(d => d.Reason).Distinct()));

    private static void IsClean(LearnerStream stream, string milestone) => Assert.False(stream.Award(milestone).Flagged);

    [Fact]
    public void A_voided_attempt_in_the_basis_flags_the_award_which_stands_all_the_same()
    {
        var stream = FoundationsAwarded();
        stream.Voided(stream.Id(2));
        IsFlagged(stream, "foundations", Breakage.AttemptVoided);
        Assert.True(stream.Award("foundations").Stands);
    }

    [Fact]
    public void A_doubt_names_its_cause_and_what_broke()
    {
        var stream = FoundationsAwarded();
        stream.Voided(stream.Id(2));
        Assert.Equal(new Doubt(stream.Last, Breakage.AttemptVoided, stream.Id(2)), Assert.Single(stream.Award("foundations").Doubts));
    }

    [Fact]
    public void Voiding_an_attempt_outside_the_basis_flags_nothing()
    {
        var stream = NewLearner().Attempted("linux", 0.2m, 1).Attempted("linux", 0.9m, 1).Attempted("git", 0.8m, 2).PolicyAwards();
        stream.Voided(stream.Id(2));
        IsClean(stream, "foundations");
    }

    [Fact]
    public void Withdrawn_evidence_flags() => IsFlagged(OperationsAwarded().Withdrawn(1), "operations", Breakage.EvidenceWithdrawn);

    [Fact]
    public void An_assessor_going_back_on_their_verdict_flags() =>
        IsFlagged(OperationsAwarded().Reviewed(1, Verdict.Rejected, Assessor, 50), "operations", Breakage.VerdictReversed);

    [Fact]
    public void Another_assessor_rejecting_the_item_flags() =>
        IsFlagged(OperationsAwarded().Reviewed(1, Verdict.Rejected, SecondAssessor, 50), "operations", Breakage.VerdictReversed);

    [Fact]
    public void Another_accepting_verdict_flags_nothing() =>
        IsClean(OperationsAwarded().Reviewed(1, Verdict.Accepted, SecondAssessor, 50), "operations");

    [Theory]
    [InlineData("suspended")]
    [InlineData("revoked")]
    [InlineData("expired")]
    public void A_required_award_that_no_longer_stands_flags_those_on_top(string end)
    {
        var stream = FoundationsPassed().Attempted("docker", 0.9m, 3).PolicyAwards();
        var id = stream.Award("foundations").Id;
        switch (end)
        {
            case "suspended":
                stream.Suspended("foundations");
                break;
            case "revoked":
                stream.Revoked("foundations");
                break;
            default:
                stream.Append(new AwardExpired(id, Day(70)), Day(70), AwardLifecycle.ExpiryActor);
                break;
        }

        IsFlagged(stream, "containers", Breakage.AwardEnded);
        IsClean(stream, "foundations");
    }

    [Fact]
    public void A_reinstated_requirement_leaves_the_flag_to_a_person() => IsFlagged(
        FoundationsPassed().Attempted("docker", 0.9m, 3).PolicyAwards().Suspended("foundations").Reinstated("foundations"),
        "containers", Breakage.AwardEnded);

    [Fact]
    public void A_doubt_from_outside_flags() => IsFlagged(OperationsAwarded().Flagged("operations"), "operations", "complaint");

    [Fact]
    public void Affirming_ends_the_flag_and_keeps_the_history()
    {
        var stream = OperationsAwarded().Withdrawn(1).Affirmed("operations");
        IsClean(stream, "operations");
        Assert.Equal(["milestone.awarded", "award.affirmed"], stream.Award("operations").History.Select(h => h.Event));
    }

    [Fact]
    public void After_an_affirm_what_was_broken_before_flags_no_more()
    {
        var stream = OperationsAwarded().Reviewed(1, Verdict.Rejected, Assessor, 50).Affirmed("operations");
        IsClean(stream.Reviewed(1, Verdict.Rejected, Assessor, 70), "operations");
    }

    [Fact]
    public void After_an_affirm_a_new_breakage_flags_anew()
    {
        var stream = OperationsAwarded().Reviewed(1, Verdict.Rejected, Assessor, 50).Affirmed("operations");
        IsFlagged(stream.Voided(stream.Id(2)), "operations", Breakage.AttemptVoided);
    }

    [Fact]
    public void A_verdict_restored_and_reversed_again_flags_anew() => IsFlagged(
        OperationsAwarded().Reviewed(1, Verdict.Rejected, Assessor, 50).Affirmed("operations")
            .Reviewed(1, Verdict.Accepted, Assessor, 70).Reviewed(1, Verdict.Rejected, Assessor, 71),
        "operations", Breakage.VerdictReversed);

    [Fact]
    public void Suspending_ends_the_flag_and_reinstating_does_not_bring_it_back() =>
        IsClean(OperationsAwarded().Withdrawn(1).Suspended("operations").Reinstated("operations"), "operations");

    [Fact]
    public void What_breaks_during_a_suspension_flags_and_stays_after_it() => IsFlagged(
        OperationsAwarded().Suspended("operations").Withdrawn(1).Reinstated("operations"), "operations", Breakage.EvidenceWithdrawn);

    [Fact]
    public void Revoking_ends_the_flag_for_good()
    {
        var stream = OperationsAwarded().Withdrawn(1).Revoked("operations");
        IsClean(stream.Voided(stream.Id(2)), "operations");
    }

    [Fact]
    public void Neither_expiry_nor_renewal_ends_the_flag()
    {
        var stream = OperationsAwarded().Flagged("operations").Expired(Day(800));
        IsFlagged(stream, "operations", "complaint");
        stream.Decided(AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations"), Board, Day(801)), Board);
        IsFlagged(stream, "operations", "complaint");
    }

    [Fact]
    public void An_award_recorded_on_a_basis_already_broken_is_flagged_from_the_first_moment()
    {
        var stream = FoundationsPassed();
        stream.Voided(stream.Id(2)).Append(new MilestoneAwarded(Guid.NewGuid(), "engineer", 1, "foundations", "", [stream.Id(2)], Day(2)), Day(2), Board);
        IsFlagged(stream, "foundations", Breakage.AttemptVoided);
    }

    [Fact]
    public void A_renewed_award_still_rests_on_its_first_basis_too()
    {
        var stream = OperationsAwarded().Attempted("deploy", 0.95m, 500);
        stream.Decided(AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations"), Board, Day(600)), Board);
        Assert.Equal(4, stream.Award("operations").Basis.Length);
        IsFlagged(stream.Voided(stream.Id(2)), "operations", Breakage.AttemptVoided);
    }
}
