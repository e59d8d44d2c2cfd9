using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Links;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Links;

public class LinkTests
{
    private static readonly Guid Other = new("9d1c0c1e-5a55-4b3a-8f0e-61c1d6a0b702");

    [Fact]
    public void From_the_link_on_both_streams_are_folded_and_judged_as_one()
    {
        var (lead, follower) = Linked();
        var transcript = Both(lead, follower);

        Assert.Equal(["git", "linux"], transcript.Attempts.Keys.Order());
        Assert.Equal([Other], transcript.Linked);
        Assert.Equal(lead.Events.Count, transcript.Position.Version);
        var awarded = Assert.Single(AutomaticAwards.Decide(Tenant, transcript, [Engineer]));
        Assert.Equal([lead.Id(2), follower.Id(2)], Assert.IsType<MilestoneAwarded>(awarded.Data).Basis);
        Assert.Empty(lead.Transcript.AttemptsAt("git").All);
    }

    [Fact]
    public void Nothing_is_awarded_to_who_is_linked()
    {
        var (_, follower) = Linked();
        follower.Attempted("linux", 0.9m, 3);

        Assert.Empty(AutomaticAwards.Decide(Tenant, follower.Transcript, [Engineer]));
        Assert.Empty(AutomaticAwards.Outlook(follower.Transcript, [Engineer])!.Obstacles);
        AwardRules.Award(Tenant, follower.Transcript, Engineer, Foundations, Board, Day(9)).Refusal<Refusal.Conflict>();
        Assert.Equal(Learner, follower.Transcript.LinkedInto);
    }

    [Fact]
    public void When_the_link_ends_what_was_awarded_on_the_others_events_is_in_doubt_and_nothing_else()
    {
        var (lead, follower) = Linked();
        var own = FoundationsPassed();
        Grant(lead, follower);
        lead.Append(new LearnerUnlinked(Other, true, "joined-by-mistake"), Day(9), Board);
        follower.Append(new LearnerUnlinked(Learner, false, "joined-by-mistake"), Day(9), Board);

        var award = Assert.Single(lead.Transcript.Awards);
        var doubt = Assert.Single(award.Doubts);
        Assert.Equal((Breakage.LearnerUnlinked, follower.Id(2)), (doubt.Reason, doubt.Broken));
        Assert.Equal((true, AwardStatus.Awarded), (award.Flagged, award.Status));
        Assert.Empty(lead.Transcript.Linked);
        Assert.Null(follower.Transcript.LinkedInto);
        own.PolicyAwards().Append(new LearnerLinked(Other, true, "x"), Day(8), Board).Append(new LearnerUnlinked(Other, true, "x"), Day(9), Board);
        Assert.False(own.Award("foundations").Flagged);
    }

    [Fact]
    public void An_award_is_judged_again_on_what_was_linked_then()
    {
        var (lead, follower) = Linked();
        Grant(lead, follower);
        lead.Append(new LearnerUnlinked(Other, true, "joined-by-mistake"), Day(9), Board);
        var grant = lead.Events.Single(e => e.Data is MilestoneAwarded);

        Assert.Empty(AwardReplay.Check(grant, lead.Events, _ => follower.Events, Engineer));
        Assert.NotEmpty(AwardReplay.Check(grant, lead.Events, Engineer));
    }

    [Fact]
    public void Each_thing_is_decided_in_the_stream_that_holds_it()
    {
        var (lead, follower) = Linked();
        follower.Submitted(1, 3, ["deploy"]);
        Grant(lead, follower);
        var transcript = Both(lead, follower);

        Assert.Equal(Other, LinkRules.HolderOf(transcript, new AttemptVoided(follower.Id(2), "x")));
        Assert.Equal(Learner, LinkRules.HolderOf(transcript, new AttemptVoided(lead.Id(2), "x")));
        Assert.Equal(Other, LinkRules.HolderOf(transcript, new EvidenceReviewed(EvidenceId(1), Verdict.Accepted)));
        Assert.Equal(Learner, LinkRules.HolderOf(transcript, new AwardRevoked(transcript.Awards[0].Id, "x", Day(9))));
        Assert.Null(LinkRules.HolderOf(transcript, new MilestoneAwarded(Other, "f", 1, "m", "", [], Day(9))));
    }

    [Fact]
    public void An_erased_learner_adds_nothing_and_erases_nobody_else()
    {
        var (lead, follower) = Linked();
        follower.Append(new LearnerErased(Other, "gdpr-17-1-b"), Day(9), Board);
        var transcript = Both(lead, follower);

        Assert.False(transcript.IsErased);
        Assert.Equal(["linux"], transcript.Attempts.Keys);
    }

    [Fact]
    public void Refuses_links_of_links_and_links_to_oneself()
    {
        var (lead, follower) = Linked();
        var third = new LearnerStream(new Guid("0d1c0c1e-5a55-4b3a-8f0e-61c1d6a0b703"));

        Assert.IsType<Refusal.Conflict>(LinkRules.Link(third.Transcript, follower.Transcript, "same-person"));
        Assert.IsType<Refusal.Conflict>(LinkRules.Link(follower.Transcript, third.Transcript, "same-person"));
        Assert.IsType<Refusal.Conflict>(LinkRules.Link(third.Transcript, lead.Transcript, "same-person"));
        Assert.IsType<Refusal.Invalid>(LinkRules.Link(third.Transcript, third.Transcript, "same-person"));
        Assert.IsType<Refusal.Invalid>(LinkRules.Link(lead.Transcript, third.Transcript, "Same person"));
        Assert.Null(LinkRules.Link(lead.Transcript, third.Transcript, "same-person"));
        Assert.IsType<Refusal.NotFound>(LinkRules.Unlink(lead.Transcript, third.Transcript.Learner, "x"));
        Assert.Null(LinkRules.Unlink(lead.Transcript, Other, "x"));
    }

    [Fact]
    public void Merging_keeps_the_order_of_each_stream_even_where_the_clock_was_set_back()
    {
        var merged = LinkedStreams.Merge<(int Time, int Stream)>([[(1, 0), (9, 0), (2, 0)], [(3, 1), (4, 1)]], e => Day(e.Time), e => e.Stream == 0 ? Learner : Other);

        Assert.Equal([(1, 0), (3, 1), (4, 1), (9, 0), (2, 0)], merged);
    }

    /// <summary>A learner who passed linux, and leads another who passed git.</summary>
    internal static (LearnerStream Lead, LearnerStream Follower) Linked()
    {
        var lead = NewLearner().Attempted("linux", 0.9m, 1);
        var follower = new LearnerStream(Other).Attempted("git", 0.8m, 2);
        lead.Append(new LearnerLinked(Other, true, "same-person"), Day(5), Board);
        follower.Append(new LearnerLinked(Learner, false, "same-person"), Day(5), Board);
        return (lead, follower);
    }

    internal static void Grant(LearnerStream lead, LearnerStream follower)
    {
        foreach (var awarded in AutomaticAwards.Decide(Tenant, Both(lead, follower), [Engineer]))
        {
            lead.Append(awarded.Data, awarded.Occurred, AutomaticAwards.Actor);
        }
    }

    private static Transcript Both(LearnerStream lead, LearnerStream follower) => Transcript.Fold(Learner, LinkedStreams.Merge(lead.Events, [follower.Events]));
}
