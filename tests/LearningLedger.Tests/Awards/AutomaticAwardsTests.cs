using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AutomaticAwardsTests
{
    private static IReadOnlyList<MilestoneAwarded> Decide(LearnerStream stream, params FrameworkDefinition[] frameworks) =>
        [.. AutomaticAwards.Decide(Tenant, stream.Transcript, frameworks is [] ? [Engineer] : frameworks).Select(d => (MilestoneAwarded)d.Data)];

    [Fact]
    public void Awards_as_soon_as_the_rule_is_met()
    {
        var award = Assert.Single(Decide(FoundationsPassed()));
        Assert.Equal(("engineer", 1, "foundations"), (award.Framework, award.FrameworkVersion, award.Milestone));
        Assert.Equal(LedgerIds.Award(Tenant, Learner, "engineer", "foundations", 1), award.Award);
        Assert.Equal(RuleHash.Of(Foundations), award.RuleHash);
        Assert.Equal(Day(2), award.EffectiveAt);
        Assert.Null(award.ExpiresAt);
    }

    [Fact]
    public void Awards_level_1_after_level_0_resting_on_the_id_level_0_will_have()
    {
        var stream = FoundationsPassed().Attempted("docker", 0.9m, 3);
        var awards = Decide(stream);
        Assert.Equal(["foundations", "containers"], awards.Select(a => a.Milestone));
        Assert.Equal([stream.Last, LedgerIds.Decision(Tenant, Learner, 5)], awards[1].Basis);
        stream.PolicyAwards();
        Assert.Contains(stream.Id(5), stream.Award("containers").Basis);
    }

    [Fact]
    public void A_higher_level_listed_first_changes_nothing() => Assert.Equal(
        Decide(FoundationsPassed().Attempted("docker", 1, 3)).Select(a => a.Award),
        Decide(FoundationsPassed().Attempted("docker", 1, 3), Framework(Operations, Containers, Foundations)).Select(a => a.Award));

    [Fact]
    public void Goes_by_framework_then_level_then_code()
    {
        var a = new FrameworkDefinition("a", 1, "", [Milestone("z", 0, ["linux"]), Milestone("y", 0, ["linux"]), Milestone("b", 1, ["linux"])], []);
        var b = a with { Code = "b" };
        Assert.Equal(
            ["a/y", "a/z", "a/b", "b/y", "b/z", "b/b"], Decide(FoundationsPassed(), b, a).Select(award => $"{award.Framework}/{award.Milestone}"));
    }

    [Fact]
    public void Awards_nothing_a_person_must_decide() => Assert.Empty(Decide(OperationsMet()));

    [Fact]
    public void Awards_nothing_twice() => Assert.Empty(Decide(FoundationsAwarded()));

    [Fact]
    public void Awards_nothing_twice_under_a_new_version() => Assert.Empty(Decide(FoundationsAwarded(), Engineer with { Version = 2 }));

    [Fact]
    public void Leaves_a_suspended_award_alone() => Assert.Empty(Decide(FoundationsAwarded().Suspended("foundations")));

    [Fact]
    public void Never_awards_again_after_a_revocation() => Assert.Empty(Decide(FoundationsAwarded().Revoked("foundations").Attempted("linux", 1, 90)));

    [Fact]
    public void Never_awards_again_after_an_expiry()
    {
        var lasting = Framework(Foundations with { Rule = Foundations.Rule with { ValidFor = "P1Y" } });
        var stream = FoundationsPassed().PolicyAwards(lasting);
        Assert.Equal(Day(2).AddYears(1), stream.Award("foundations").ExpiresAt);
        stream.Expired(Day(2).AddYears(1));
        Assert.Equal(AwardStatus.Expired, stream.Award("foundations").Status);
        Assert.Empty(Decide(stream.Attempted("linux", 1, 500).Attempted("git", 1, 500), lasting));
    }

    [Fact]
    public void Says_beforehand_whether_anything_follows()
    {
        Assert.True(AutomaticAwards.AnyFollows(FoundationsPassed().Transcript, [Engineer]));
        Assert.False(AutomaticAwards.AnyFollows(FoundationsAwarded().Transcript, [Engineer]));
        Assert.False(AutomaticAwards.AnyFollows(FoundationsPassed().Transcript, []));
    }
}
