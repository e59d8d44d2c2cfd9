using LearningLedger.Events;
using LearningLedger.Evidence;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Evidence;

public class EvidenceRulesTests
{
    private static Decision Review(LearnerStream stream, DateTimeOffset? occurredAt = null, string? rubric = null, int evidence = 1) =>
        EvidenceRules.Review(stream.Transcript, EvidenceId(evidence), Verdict.Accepted, rubric, null, occurredAt, Day(9));

    private static LearnerStream Submitted() => NewLearner().Submitted(1, 5, ["deploy"]);

    [Fact]
    public void A_verdict_occurs_now_unless_it_says_otherwise()
    {
        Assert.Equal(Day(9), Review(Submitted()).Events[0].Occurred);
        Assert.Equal(Day(8), Review(Submitted(), Day(8)).Events[0].Occurred);
    }

    [Fact]
    public void May_have_occurred_before_the_submission_reached_us() => Review(Submitted(), Day(2)).Body<EvidenceReviewed>();

    [Fact]
    public void May_say_the_same_again() => Review(Submitted().Reviewed(1, Verdict.Accepted, Assessor, 6)).Body<EvidenceReviewed>();

    [Fact]
    public void Refuses_a_review_from_the_future() =>
        Assert.Equal("occurredAt", Review(Submitted(), Day(9).AddSeconds(1)).Refusal<Refusal.Invalid>().Field);

    [Fact]
    public void Refuses_evidence_the_learner_never_submitted() => Review(Submitted(), evidence: 2).Refusal<Refusal.NotFound>();

    [Fact]
    public void Refuses_a_review_of_withdrawn_evidence() => Review(Submitted().Withdrawn(1)).Refusal<Refusal.Conflict>();

    [Theory]
    [InlineData("rubric-2.1")]
    [InlineData("https://rubrics.example/deploy#3")]
    public void Takes_a_code_or_an_IRI_as_rubric(string rubric) =>
        Assert.Equal(rubric, Review(Submitted(), rubric: rubric).Body<EvidenceReviewed>().Rubric);

    [Theory]
    [InlineData("")]
    [InlineData("Anna did well")]
    [InlineData("/relative/path")]
    public void Refuses_words_as_rubric(string rubric) =>
        Assert.Equal("rubric", Review(Submitted(), rubric: rubric).Refusal<Refusal.Invalid>().Field);
}
