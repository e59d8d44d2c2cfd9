using LearningLedger.Events;
using LearningLedger.Evidence;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Evidence;

public class EvidenceItemTests
{
    private static EvidenceItem Item(LearnerStream stream) => stream.Transcript.Evidence[EvidenceId(1)];

    private static LearnerStream Submitted() => NewLearner().Submitted(1, 1, ["deploy"]);

    [Fact]
    public void Is_submitted_until_somebody_judges_it() => Assert.Equal(EvidenceStatus.Submitted, Item(Submitted()).Status);

    [Fact]
    public void Is_accepted_by_one_accepting_verdict() =>
        Assert.Equal(EvidenceStatus.Accepted, Item(Submitted().Reviewed(1, Verdict.Accepted, Assessor, 2)).Status);

    [Fact]
    public void One_rejecting_verdict_outweighs_any_accepting_ones() => Assert.Equal(
        EvidenceStatus.Rejected,
        Item(Submitted().Reviewed(1, Verdict.Rejected, Assessor, 2).Reviewed(1, Verdict.Accepted, SecondAssessor, 3)).Status);

    [Fact]
    public void A_later_verdict_of_the_same_assessor_replaces_the_earlier()
    {
        var item = Item(Submitted().Reviewed(1, Verdict.Rejected, Assessor, 2).Reviewed(1, Verdict.Accepted, Assessor, 3));
        Assert.Equal(EvidenceStatus.Accepted, item.Status);
        Assert.Equal(2, item.Reviews.Count);
        Assert.Single(item.Verdicts);
    }

    [Fact]
    public void A_verdict_dated_back_still_replaces_what_was_recorded_before_it() => Assert.Equal(
        EvidenceStatus.Rejected,
        Item(Submitted().Reviewed(1, Verdict.Accepted, Assessor, 9).Reviewed(1, Verdict.Rejected, Assessor, 2)).Status);

    [Fact]
    public void Is_withdrawn_whatever_the_verdicts() =>
        Assert.Equal(EvidenceStatus.Withdrawn, Item(Submitted().Reviewed(1, Verdict.Accepted, Assessor, 2).Withdrawn(1)).Status);

    [Fact]
    public void A_withdrawal_that_overtakes_its_submission_still_counts()
    {
        var item = Item(NewLearner().Withdrawn(1).Submitted(1, 1, ["deploy"]));
        Assert.Equal(EvidenceStatus.Withdrawn, item.Status);
        Assert.Equal("wrong-file", item.Withdrawn!.Reason);
    }

    [Fact]
    public void A_second_submission_of_the_same_evidence_is_a_stray()
    {
        var transcript = Submitted().Submitted(1, 2, ["linux"]).Transcript;
        Assert.Equal(["deploy"], transcript.Evidence[EvidenceId(1)].Skills);
        Assert.Equal(StrayReason.Repeated, Assert.Single(transcript.Strays).Why);
    }

    [Fact]
    public void A_review_of_unknown_evidence_is_a_stray() => Assert.Equal(
        StrayReason.Unknown, Assert.Single(NewLearner().Reviewed(1, Verdict.Accepted, Assessor, 2).Transcript.Strays).Why);
}
