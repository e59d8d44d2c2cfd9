using System.Text.Json;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AwardPolicyTests
{
    private static Eligibility Evaluate(LearnerStream stream, Milestone milestone) => AwardPolicy.Evaluate(stream.Transcript, Engineer, milestone);

    private static string Json(IReadOnlyList<MissingReason> reasons) => JsonSerializer.Serialize(reasons, LedgerJson.Options);

    [Fact]
    public void Is_met_at_the_passing_score_exactly() => Evaluate(FoundationsPassed(), Foundations).Met();

    [Fact]
    public void Compares_scores_as_decimals() => Assert.Equal(
        """[{"rule":"score","need":0.8,"have":0.7999999999999999,"skill":"git"}]""",
        Json(Evaluate(NewLearner().Attempted("linux", 1, 1).Attempted("git", 0.7999999999999999m, 1), Foundations).Missing()));

    [Fact]
    public void Tells_everything_that_is_missing_at_once() => Assert.Equal(
        """[{"rule":"score","need":0.8,"skill":"linux"},{"rule":"score","need":0.8,"skill":"git"}]""",
        Json(Evaluate(NewLearner(), Foundations).Missing()));

    [Fact]
    public void Rests_on_the_counting_attempts_and_takes_effect_with_the_last_of_them()
    {
        var stream = NewLearner().Attempted("git", 0.9m, 7).Attempted("linux", 0.8m, 3).Attempted("linux", 0.7m, 9);
        var met = Evaluate(stream, Foundations).Met();
        Assert.Equal([stream.Id(2), stream.Id(3)], met.Basis);
        Assert.Equal(Day(7), met.EffectiveAt);
    }

    [Theory]
    [InlineData(CountingAttempts.Best, true)]
    [InlineData(CountingAttempts.Latest, false)]
    [InlineData(CountingAttempts.First, false)]
    public void Counts_the_attempt_the_rule_names(CountingAttempts counting, bool met)
    {
        var stream = NewLearner().Attempted("linux", 0.1m, 1).Attempted("linux", 0.9m, 2).Attempted("linux", 0.2m, 3);
        Assert.Equal(met, Evaluate(stream, Milestone("m", 0, ["linux"], attempts: counting)) is Eligibility.Eligible);
    }

    [Fact]
    public void A_voided_attempt_counts_no_more()
    {
        var stream = FoundationsPassed();
        Evaluate(stream.Voided(stream.Last), Foundations).Missing();
    }

    [Fact]
    public void Rests_on_evidence_and_its_accepting_verdicts()
    {
        var stream = OperationsMet();
        var met = Evaluate(stream, Operations).Met();
        Assert.Equal([stream.Id(2), stream.Id(3), stream.Id(4)], met.Basis);
        Assert.Equal([Assessor], met.Reviewers);
        Assert.Equal(Day(3), met.EffectiveAt);
    }

    [Fact]
    public void Evidence_not_judged_or_rejected_or_withdrawn_does_not_count()
    {
        const string none = """[{"rule":"evidence","need":1,"have":0},{"rule":"assessors","need":1,"have":0}]""";
        var submitted = NewLearner().Attempted("deploy", 1, 1).Submitted(1, 1, ["deploy"]);
        Assert.Equal(none, Json(Evaluate(submitted, Operations).Missing()));
        Assert.Equal(none, Json(Evaluate(OperationsMet().Reviewed(1, Verdict.Rejected, SecondAssessor, 4), Operations).Missing()));
        Assert.Equal(none, Json(Evaluate(OperationsMet().Withdrawn(1), Operations).Missing()));
    }

    [Fact]
    public void Assessors_are_counted_over_the_items_together()
    {
        var milestone = Milestone("m", 0, ["deploy"], evidence: new EvidenceRule(2, 2));
        var one = OperationsMet().Submitted(2, 4, ["deploy"]).Reviewed(2, Verdict.Accepted, Assessor, 5);
        Assert.Equal("""[{"rule":"assessors","need":2,"have":1}]""", Json(Evaluate(one, milestone).Missing()));
        Evaluate(one.Reviewed(2, Verdict.Accepted, SecondAssessor, 6), milestone).Met();
    }

    [Fact]
    public void Every_accepted_item_counts_beyond_the_minimum_too()
    {
        var stream = OperationsMet().Submitted(2, 4, ["deploy"]).Reviewed(2, Verdict.Accepted, SecondAssessor, 5);
        var met = Evaluate(stream, Operations).Met();
        Assert.Equal(5, met.Basis.Count);
        Assert.Equal([Assessor, SecondAssessor], met.Reviewers.Order());
    }

    [Fact]
    public void Where_the_rule_asks_for_no_evidence_none_counts()
    {
        var met = Evaluate(OperationsMet(), Milestone("m", 0, ["deploy"])).Met();
        Assert.Single(met.Basis);
        Assert.Empty(met.Reviewers);
    }

    [Theory]
    [InlineData(null, "deploy", true)]
    [InlineData(null, "linux", false)]
    [InlineData("operations", "linux", true)]
    [InlineData("foundations", "deploy", false)]
    public void Evidence_counts_for_the_milestone_it_names_else_by_skill(string? names, string skill, bool counts)
    {
        var stream = NewLearner().Attempted("deploy", 1, 1).Submitted(1, 2, [skill], names).Reviewed(1, Verdict.Accepted, Assessor, 3);
        Assert.Equal(counts, Evaluate(stream, Operations) is Eligibility.Eligible);
    }

    [Fact]
    public void A_required_milestone_must_stand()
    {
        var stream = FoundationsPassed().Attempted("docker", 1, 3);
        Assert.Equal("""[{"rule":"requires","need":"foundations"}]""", Json(Evaluate(stream, Containers).Missing()));
        stream.PolicyAwards(Framework(Foundations));
        Evaluate(stream, Containers).Met();
        stream.Suspended("foundations");
        Assert.Equal("""[{"rule":"requires","need":"foundations","have":"suspended"}]""", Json(Evaluate(stream, Containers).Missing()));
    }

    [Fact]
    public void A_flagged_requirement_stands()
    {
        var stream = FoundationsAwarded().Attempted("docker", 1, 3).Flagged("foundations");
        Evaluate(stream, Containers).Met();
    }

    [Fact]
    public void A_requirement_may_stand_under_another_version()
    {
        var stream = FoundationsAwarded().Attempted("docker", 1, 3);
        AwardPolicy.Evaluate(stream.Transcript, Engineer with { Version = 2 }, Containers).Met();
    }

    [Fact]
    public void Rests_on_the_latest_renewal_of_a_requirement_too()
    {
        var lasting = Framework(Foundations with { Rule = Foundations.Rule with { ValidFor = "P1Y" } }, Containers);
        var stream = FoundationsPassed().PolicyAwards(lasting);
        var granted = stream.Last;
        stream.Decided(AwardLifecycle.Renew(stream.Transcript, lasting, stream.Act("foundations"), Board, Day(30)), Board);
        var renewed = stream.Last;
        var met = Evaluate(stream.Attempted("docker", 1, 3), Containers).Met();
        Assert.Equal([granted, renewed, stream.Last], met.Basis);
        Assert.Equal(Day(30), met.EffectiveAt);
    }

    [Fact]
    public void A_rule_that_asks_for_nothing_is_met_by_nobody() =>
        Assert.Equal("""[{"rule":"skills","need":1,"have":0}]""", Json(Evaluate(FoundationsPassed(), Milestone("m", 0, [])).Missing()));

    [Fact]
    public void A_rule_whose_time_is_no_duration_is_met_by_nobody() => Assert.Equal(
        """[{"rule":"validFor","need":"an ISO 8601 duration","have":"for ever"}]""",
        Json(Evaluate(FoundationsPassed(), Milestone("m", 0, ["linux"], validFor: "for ever")).Missing()));

    [Fact]
    public void Reasons_read_back_as_they_were_written()
    {
        IReadOnlyList<MissingReason> reasons = [new("score", 0.80m, 0.5m, "git"), new("requires", "foundations", "expired")];
        Assert.Equal(Json(reasons), Json(JsonSerializer.Deserialize<List<MissingReason>>(Json(reasons), LedgerJson.Options)!));
    }
}
