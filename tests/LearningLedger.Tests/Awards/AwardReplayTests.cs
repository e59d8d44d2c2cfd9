using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AwardReplayTests
{
    private static IReadOnlyList<string> Differences(LearnerStream stream, RecordedEvent award, FrameworkDefinition? framework = null) =>
        [.. AwardReplay.Check(award, stream.Events, framework ?? Engineer).Select(d => d.Field)];

    [Fact]
    public void Every_award_of_a_cascade_replays_the_same()
    {
        var stream = FoundationsPassed().Attempted("docker", 1, 3).PolicyAwards();
        Assert.All(stream.Events.Where(e => e.Data is MilestoneAwarded), award => Assert.Empty(Differences(stream, award)));
    }

    [Fact]
    public void What_came_later_changes_nothing()
    {
        var stream = OperationsAwarded();
        var award = stream.Events[^1];
        Assert.Empty(Differences(stream.Voided(stream.Id(2)).Withdrawn(1).Attempted("deploy", 1, 2), award));
    }

    [Fact]
    public void A_renewal_replays_the_same()
    {
        var stream = OperationsAwarded();
        stream.Decided(AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations"), Board, Day(90)), Board);
        Assert.Empty(Differences(stream, stream.Events[^1]));
    }

    [Fact]
    public void Finds_a_basis_a_rule_and_times_that_were_tampered_with()
    {
        var stream = OperationsAwarded();
        var award = stream.Events[^1];
        var body = (MilestoneAwarded)award.Data;
        var forged = award with { Data = body with { Basis = [stream.Id(2)], RuleHash = new string('0', 64), ExpiresAt = null } };
        Assert.Equal(["ruleHash", "basis", "expiresAt"], Differences(stream, forged));
    }

    [Fact]
    public void Finds_an_automatic_award_dated_back()
    {
        var stream = FoundationsAwarded();
        var award = stream.Events[^1];
        Assert.Equal(["effectiveAt"], Differences(stream, award with { Data = (MilestoneAwarded)award.Data with { EffectiveAt = Day(1) } }));
    }

    [Fact]
    public void Finds_an_award_its_rule_never_gave()
    {
        var stream = FoundationsPassed();
        var award = stream.PolicyAwards().Events[^1];
        Assert.Equal(["eligible"], Differences(stream, award with { Version = 3 }));
    }

    [Fact]
    public void Finds_a_framework_version_that_is_not_the_one_named()
    {
        var stream = FoundationsAwarded();
        Assert.Equal(["framework"], Differences(stream, stream.Events[^1], Engineer with { Version = 2 }));
    }
}
