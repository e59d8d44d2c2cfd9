using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AwardOutlookTests
{
    private static readonly Milestone Proven = Milestone("proven", 0, ["deploy"], evidence: new EvidenceRule(1, 1));

    [Fact]
    public void There_is_none_while_something_follows() => Assert.Null(AutomaticAwards.Outlook(FoundationsPassed().Transcript, [Engineer]));

    [Fact]
    public void Nothing_opens_when_nothing_is_left_to_award() =>
        Assert.Empty(AutomaticAwards.Outlook(FoundationsAwarded().Attempted("docker", 1, 3).PolicyAwards().Transcript, [Engineer])!.Obstacles);

    [Theory]
    [InlineData("git", 0.8, true)]
    [InlineData("git", 0.79, false)]
    [InlineData("docker", 1, false)]
    public void Only_a_passing_attempt_at_the_missing_skill_opens(string skill, double score, bool opens) => Assert.Equal(
        opens, AutomaticAwards.Outlook(NewLearner().Attempted("linux", 1, 1).Transcript, [Engineer])!.MayOpenBy(new SkillAttempted(skill, (decimal)score)));

    [Fact]
    public void No_attempt_opens_where_evidence_is_missing_too()
    {
        var outlook = AutomaticAwards.Outlook(NewLearner().Transcript, [Framework(Proven)])!;

        Assert.False(outlook.MayOpenBy(new SkillAttempted("deploy", 1)));
        Assert.False(outlook.MayOpenBy(new EvidenceReviewed(EvidenceId(1), Verdict.Rejected)));
        Assert.True(outlook.MayOpenBy(new EvidenceReviewed(EvidenceId(1), Verdict.Accepted)));
    }

    [Fact]
    public void A_voiding_may_open_where_a_later_failure_counts()
    {
        var latest = Framework(Milestone("m", 0, ["linux"], attempts: CountingAttempts.Latest));
        var stream = NewLearner().Attempted("linux", 1, 1).Attempted("linux", 0, 2);

        Assert.True(AutomaticAwards.Outlook(stream.Transcript, [latest])!.MayOpenBy(new AttemptVoided(stream.Last, "x")));
        Assert.NotNull(AutomaticAwards.Outlook(stream.Transcript, [latest]));
    }
}
