using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Awards;

namespace LearningLedger.Service.Tests.Awards;

/// <summary>Which learners a page of events gives reason to judge, and how far their stream was seen on it.</summary>
public class WatchedLearnersTests
{
    private static readonly Guid Ann = Guid.Parse("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid Bob = Guid.Parse("00000000-0000-0000-0000-00000000000b");
    private static readonly SkillAttempted Attempt = new("alpha", 0.9m);
    private static readonly MilestoneAwarded Award = new(Guid.NewGuid(), "small", 1, "base", "", [], DateTimeOffset.UnixEpoch);
    private static readonly AwardOutlook LacksAlpha = new([new Obstacle("score", "alpha", 0.7m)]);
    private static readonly AwardOutlook LacksBeta = new([new Obstacle("score", "beta", 0.7m)]);

    private readonly WatchedLearners learners = new();

    [Fact]
    public void Each_learner_once_with_its_last_version() =>
        Assert.Equal(new Dictionary<Guid, long> { [Ann] = 4, [Bob] = 2 }, Judge(On(Ann, 3, Attempt), On(Bob, 2, Attempt), On(Ann, 4, Attempt)));

    [Fact]
    public void Nothing_follows_an_automatic_award() => Assert.Empty(Judge(On(Ann, 3, Attempt), On(Ann, 4, Award, AutomaticAwards.Actor)));

    [Fact]
    public void What_comes_after_it_counts_again() => Assert.Equal(5, Judge(On(Ann, 4, Award, AutomaticAwards.Actor), On(Ann, 5, Attempt))[Ann]);

    [Fact]
    public void A_persons_award_may_open_the_next_level() => Assert.Equal(4, Judge(On(Ann, 4, Award, "person:board"))[Ann]);

    [Fact]
    public void Who_joins_or_leaves_a_cohort_is_judged_as_they_stand() => Assert.Equal(
        new Dictionary<Guid, long> { [Ann] = long.MaxValue, [Bob] = long.MaxValue },
        Judge(
            On(Guid.NewGuid(), 2, new CohortJoined("c1", Ann)), On(Guid.NewGuid(), 3, new CohortLeft("c1", Bob)), On(Ann, 4, Award, AutomaticAwards.Actor),
            On(Bob, 7, Attempt)));

    [Fact]
    public void Frameworks_and_cohorts_themselves_touch_nobody() =>
        Assert.Empty(Judge(On(Guid.NewGuid(), 1, new CohortOpened("c1", "C1", "small")), On(Guid.NewGuid(), 1, new FrameworkRetired("small", "old"))));

    [Fact]
    public void Events_that_cannot_change_the_outlook_touch_nobody()
    {
        learners.Keep("t1", 1, Ann, 3, LacksBeta);

        Assert.Empty(Judge(On(Ann, 3, Attempt), On(Ann, 4, Attempt)));
        Assert.Empty(Judge(On(Ann, 5, Attempt)));
        Assert.Equal(6, Judge(On(Ann, 6, Attempt with { Skill = "beta" }))[Ann]);
    }

    [Fact]
    public void A_learner_once_to_be_judged_stays_so_on_the_page_and_after_it()
    {
        learners.Keep("t1", 1, Ann, 3, LacksAlpha);

        Assert.Equal(5, Judge(On(Ann, 4, Attempt), On(Ann, 5, Attempt with { Score = 0 }))[Ann]);
        Assert.Equal(6, Judge(On(Ann, 6, Attempt with { Score = 0 }))[Ann]);
    }

    [Fact]
    public void An_outlook_is_not_trusted_over_a_gap_nor_under_another_catalogue_nor_in_another_tenant()
    {
        learners.Keep("t1", 1, Ann, 3, LacksBeta);
        learners.Keep("t1", 1, Bob, 3, LacksBeta);

        Assert.Equal(5, Judge(On(Ann, 5, Attempt))[Ann]);
        Assert.Equal(4, learners.ToJudge("t2", 1, [On(Bob, 4, Attempt)])[Bob]);
        Assert.Equal(4, learners.ToJudge("t1", 2, [On(Bob, 4, Attempt)])[Bob]);
    }

    private Dictionary<Guid, long> Judge(params WatchedEvent[] events) => learners.ToJudge("t1", 1, events);

    private static WatchedEvent On(Guid stream, long version, ILedgerEvent body, string actor = "key:k") => new("t1", stream, version, actor, body);
}
