using JasperFx.Events;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Awards;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Tests.Awards;

/// <summary>Which learners a page of events gives reason to judge, and how far their stream was seen on it.</summary>
public class TouchedLearnersTests
{
    private static readonly Guid Ann = Guid.Parse("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid Bob = Guid.Parse("00000000-0000-0000-0000-00000000000b");
    private static readonly SkillAttempted Attempt = new("alpha", 0.9m);
    private static readonly MilestoneAwarded Award = new(Guid.NewGuid(), "small", 1, "base", "", [], DateTimeOffset.UnixEpoch);

    [Fact]
    public void Each_learner_once_with_its_last_version() =>
        Assert.Equal(
            new Dictionary<Guid, long> { [Ann] = 4, [Bob] = 2 },
            AwardWatch.Touched([On(Ann, 3, Attempt), On(Bob, 2, Attempt), On(Ann, 4, Attempt)])["t1"]);

    [Fact]
    public void Tenants_are_kept_apart()
    {
        var touched = AwardWatch.Touched([On(Ann, 3, Attempt), On(Ann, 9, Attempt, tenant: "t2")]);

        Assert.Equal(3, touched["t1"][Ann]);
        Assert.Equal(9, touched["t2"][Ann]);
    }

    [Fact]
    public void Nothing_follows_an_automatic_award() =>
        Assert.Empty(AwardWatch.Touched([On(Ann, 3, Attempt), On(Ann, 4, Award, AutomaticAwards.Actor)])["t1"]);

    [Fact]
    public void What_comes_after_it_counts_again() =>
        Assert.Equal(5, AwardWatch.Touched([On(Ann, 4, Award, AutomaticAwards.Actor), On(Ann, 5, Attempt)])["t1"][Ann]);

    [Fact]
    public void A_persons_award_may_open_the_next_level() =>
        Assert.Equal(4, AwardWatch.Touched([On(Ann, 4, Award, "person:board")])["t1"][Ann]);

    [Fact]
    public void Who_joins_or_leaves_a_cohort_is_judged_as_they_stand()
    {
        var touched = AwardWatch.Touched([
            On(Guid.NewGuid(), 2, new CohortJoined("c1", Ann)), On(Guid.NewGuid(), 3, new CohortLeft("c1", Bob)), On(Ann, 4, Award, AutomaticAwards.Actor)]);

        Assert.Equal(new Dictionary<Guid, long> { [Ann] = long.MaxValue, [Bob] = long.MaxValue }, touched["t1"]);
    }

    [Fact]
    public void Frameworks_and_cohorts_themselves_touch_nobody() =>
        Assert.Empty(AwardWatch.Touched([On(Guid.NewGuid(), 1, new CohortOpened("c1", "C1", "small")), On(Guid.NewGuid(), 1, new FrameworkRetired("small", "old"))])["t1"]);

    private static IEvent On<T>(Guid stream, long version, T body, string actor = "key:k", string tenant = "t1")
        where T : notnull
    {
        var recorded = Event.For(body);
        recorded.StreamId = stream;
        recorded.Version = version;
        recorded.TenantId = tenant;
        recorded.SetHeader(EventHeaders.Actor, actor);
        return recorded;
    }
}
