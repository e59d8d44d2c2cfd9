using LearningLedger.Awards;
using LearningLedger.Events;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AwardRulesTests
{
    private static Decision Award(LearnerStream stream, string actor = Board) =>
        AwardRules.Award(Tenant, stream.Transcript, Engineer, Operations, actor, Day(9));

    [Fact]
    public void A_persons_award_takes_effect_when_decided_and_ends_by_the_rule()
    {
        var award = Award(OperationsMet()).Body<MilestoneAwarded>();
        Assert.Equal(Day(9), award.EffectiveAt);
        Assert.Equal(Day(9).AddYears(2), award.ExpiresAt);
    }

    [Fact]
    public void Refuses_while_the_rule_is_not_met_and_tells_what_is_missing() => Assert.Equal(
        ["evidence", "assessors"], Award(OperationsMet().Withdrawn(1)).Refusal<Refusal.Missing>().Reasons.Select(r => r.Rule));

    [Fact]
    public void Refuses_a_second_open_award() => Award(OperationsAwarded()).Refusal<Refusal.Conflict>();

    [Fact]
    public void Refuses_a_second_award_while_the_first_is_suspended() => Award(OperationsAwarded().Suspended("operations")).Refusal<Refusal.Conflict>();

    [Fact]
    public void Refuses_an_actor_who_reviewed_the_evidence() => Award(OperationsMet(), Assessor).Refusal<Refusal.SeparationOfDuties>();

    [Fact]
    public void Refuses_an_actor_who_reviewed_only_a_surplus_item() => Award(
        OperationsMet().Submitted(2, 4, ["deploy"]).Reviewed(2, Verdict.Accepted, SecondAssessor, 5), SecondAssessor).Refusal<Refusal.SeparationOfDuties>();

    [Fact]
    public void A_policy_may_review_and_decide()
    {
        var stream = NewLearner().Attempted("deploy", 1, 1).Submitted(1, 2, ["deploy"]).Reviewed(1, Verdict.Accepted, "policy:scan", 3);
        Award(stream, "policy:scan").Body<MilestoneAwarded>();
    }

    [Fact]
    public void Who_reviewed_evidence_for_another_milestone_may_decide() => Award(
        OperationsMet().Submitted(2, 4, ["linux"]).Reviewed(2, Verdict.Accepted, Board, 5)).Body<MilestoneAwarded>();

    [Fact]
    public void After_a_revocation_a_person_awards_again_under_the_next_number()
    {
        var award = Award(OperationsAwarded().Revoked("operations")).Body<MilestoneAwarded>();
        Assert.Equal(LedgerIds.Award(Tenant, Learner, "engineer", "operations", 2), award.Award);
    }

    [Fact]
    public void After_a_revocation_a_person_awards_an_automatic_milestone_too() => AwardRules.Award(
        Tenant, FoundationsAwarded().Revoked("foundations").Transcript, Engineer, Foundations, Board, Day(90)).Body<MilestoneAwarded>();

    [Fact]
    public void Keeps_microseconds_only()
    {
        var award = AwardRules.Award(Tenant, OperationsMet().Transcript, Engineer, Operations, Board, Day(9).AddTicks(7)).Body<MilestoneAwarded>();
        Assert.Equal(Day(9), award.EffectiveAt);
    }
}
