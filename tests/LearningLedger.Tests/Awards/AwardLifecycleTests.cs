using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AwardLifecycleTests
{
    private static readonly DateTimeOffset Ends = Day(4).AddYears(2);

    public static TheoryData<string, AwardStatus, bool> Doors => new()
    {
        // Which act each status allows.
        { "affirm", AwardStatus.Awarded, true }, { "affirm", AwardStatus.Suspended, true }, { "affirm", AwardStatus.Revoked, false }, { "affirm", AwardStatus.Expired, false },
        { "suspend", AwardStatus.Awarded, true }, { "suspend", AwardStatus.Suspended, false }, { "suspend", AwardStatus.Revoked, false }, { "suspend", AwardStatus.Expired, false },
        { "reinstate", AwardStatus.Awarded, false }, { "reinstate", AwardStatus.Suspended, true }, { "reinstate", AwardStatus.Revoked, false }, { "reinstate", AwardStatus.Expired, false },
        { "revoke", AwardStatus.Awarded, true }, { "revoke", AwardStatus.Suspended, true }, { "revoke", AwardStatus.Revoked, false }, { "revoke", AwardStatus.Expired, false },
        { "renew", AwardStatus.Awarded, true }, { "renew", AwardStatus.Suspended, false }, { "renew", AwardStatus.Revoked, false }, { "renew", AwardStatus.Expired, true },
    };

    private static Decision Do(string verb, Transcript transcript, AwardAct act, DateTimeOffset now) => verb switch
    {
        "affirm" => AwardLifecycle.Affirm(transcript, act, now),
        "suspend" => AwardLifecycle.Suspend(transcript, act, now),
        "reinstate" => AwardLifecycle.Reinstate(transcript, act, now),
        "revoke" => AwardLifecycle.Revoke(transcript, act, now),
        _ => AwardLifecycle.Renew(transcript, Engineer, act, Board, now),
    };

    private static LearnerStream In(AwardStatus status) => status switch
    {
        AwardStatus.Suspended => OperationsAwarded().Suspended("operations").Flagged("operations"),
        AwardStatus.Revoked => OperationsAwarded().Revoked("operations"),
        AwardStatus.Expired => OperationsAwarded().Flagged("operations").Expired(Ends),
        _ => OperationsAwarded().Flagged("operations"),
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public void Each_status_allows_its_acts_and_no_others(string verb, AwardStatus status, bool allowed)
    {
        var stream = In(status);
        var decision = Do(verb, stream.Transcript, stream.Act("operations"), Ends.AddDays(1));
        if (allowed)
        {
            Assert.Null(decision.Refusal);
            Assert.Empty(stream.Decided(decision, Board).Transcript.Strays);
        }
        else
        {
            decision.Refusal<Refusal.Conflict>();
        }
    }

    [Fact]
    public void Refuses_to_affirm_what_nobody_doubts()
    {
        var stream = OperationsAwarded();
        AwardLifecycle.Affirm(stream.Transcript, stream.Act("operations"), Day(9)).Refusal<Refusal.Conflict>();
    }

    [Theory]
    [InlineData("affirm")]
    [InlineData("suspend")]
    [InlineData("reinstate")]
    [InlineData("revoke")]
    [InlineData("renew")]
    public void Refuses_an_unknown_award_and_a_reason_in_words(string verb)
    {
        var stream = OperationsAwarded();
        Do(verb, stream.Transcript, new AwardAct(Guid.Empty, "x"), Day(9)).Refusal<Refusal.NotFound>();
        Assert.Equal("reason", Do(verb, stream.Transcript, stream.Act("operations") with { Reason = "He cheated" }, Day(9)).Refusal<Refusal.Invalid>().Field);
    }

    [Fact]
    public void Takes_effect_now_unless_told_otherwise()
    {
        var stream = OperationsAwarded();
        Assert.Equal(Day(9), AwardLifecycle.Suspend(stream.Transcript, stream.Act("operations"), Day(9)).Body<AwardSuspended>().EffectiveAt);
        var dated = AwardLifecycle.Suspend(stream.Transcript, stream.Act("operations", Day(5)), Day(9));
        Assert.Equal(Day(5), dated.Body<AwardSuspended>().EffectiveAt);
        Assert.Equal(Day(5), dated.Events[0].Occurred);
    }

    [Fact]
    public void Refuses_an_effect_before_the_awards_last_change()
    {
        var stream = OperationsAwarded();
        Assert.Equal("effectiveAt", AwardLifecycle.Suspend(stream.Transcript, stream.Act("operations", Day(3)), Day(9)).Refusal<Refusal.Invalid>().Field);
        stream.Suspended("operations", 20);
        Assert.Equal("effectiveAt", AwardLifecycle.Reinstate(stream.Transcript, stream.Act("operations", Day(19)), Day(30)).Refusal<Refusal.Invalid>().Field);
    }

    [Fact]
    public void Refuses_an_effect_more_than_a_day_ahead()
    {
        var stream = OperationsAwarded();
        AwardLifecycle.Revoke(stream.Transcript, stream.Act("operations", Day(10)), Day(9)).Body<AwardRevoked>();
        AwardLifecycle.Revoke(stream.Transcript, stream.Act("operations", Day(10).AddSeconds(1)), Day(9)).Refusal<Refusal.Invalid>();
    }

    [Fact]
    public void Without_an_effective_time_an_act_never_precedes_the_last_change()
    {
        var stream = OperationsAwarded();
        stream.Decided(AwardLifecycle.Suspend(stream.Transcript, stream.Act("operations", Day(10)), Day(9)), Board);
        Assert.Equal(Day(10), AwardLifecycle.Revoke(stream.Transcript, stream.Act("operations"), Day(9).AddHours(1)).Body<AwardRevoked>().EffectiveAt);
    }

    [Fact]
    public void Expires_standing_awards_whose_time_is_over_at_their_end()
    {
        var stream = OperationsAwarded();
        Assert.Empty(AwardLifecycle.Expire(stream.Transcript, Ends.AddTicks(-10)));
        var expired = Assert.Single(AwardLifecycle.Expire(stream.Transcript, Ends.AddDays(3)));
        Assert.Equal(new DecidedEvent(new AwardExpired(stream.Award("operations").Id, Ends), Ends), expired);
    }

    [Fact]
    public void A_suspended_award_expires_only_once_reinstated()
    {
        var stream = OperationsAwarded().Suspended("operations");
        Assert.Empty(AwardLifecycle.Expire(stream.Transcript, Ends.AddDays(1)));
        stream.Decided(AwardLifecycle.Reinstate(stream.Transcript, stream.Act("operations"), Ends.AddDays(1)), Board).Expired(Ends.AddDays(1));
        Assert.Equal(AwardStatus.Expired, stream.Award("operations").Status);
    }

    [Fact]
    public void A_renewed_award_stands_again_until_the_new_end()
    {
        var stream = OperationsAwarded().Expired(Ends);
        var renewal = AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations", Ends), Board, Ends.AddDays(5));
        Assert.Equal(Ends.AddYears(2), renewal.Body<AwardRenewed>().ExpiresAt);
        var award = stream.Decided(renewal, Board).Award("operations");
        Assert.Equal((AwardStatus.Awarded, Ends.AddYears(2)), (award.Status, award.ExpiresAt));
        Assert.Equal(Day(4), award.EffectiveAt);
    }

    [Fact]
    public void Refuses_to_renew_what_no_longer_meets_its_rule()
    {
        var stream = OperationsAwarded().Withdrawn(1);
        AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations"), Board, Day(90)).Refusal<Refusal.Missing>();
    }

    [Fact]
    public void Refuses_a_renewal_by_who_reviewed_the_evidence()
    {
        var stream = OperationsAwarded();
        AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations"), Assessor, Day(90)).Refusal<Refusal.SeparationOfDuties>();
    }

    [Fact]
    public void Refuses_to_renew_beside_another_open_award()
    {
        var stream = OperationsAwarded().Expired(Ends);
        var first = stream.Act("operations");
        stream.Decided(AwardRules.Award(Tenant, stream.Transcript, Engineer, Operations, Board, Ends.AddDays(1)), Board);
        AwardLifecycle.Renew(stream.Transcript, Engineer, first, Board, Ends.AddDays(2)).Refusal<Refusal.Conflict>();
    }

    [Fact]
    public void Refuses_to_renew_what_has_no_end()
    {
        var stream = FoundationsAwarded();
        AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("foundations"), Board, Day(90)).Refusal<Refusal.Conflict>();
    }

    [Fact]
    public void Refuses_a_renewal_that_would_be_over_already()
    {
        var stream = OperationsAwarded().Expired(Ends);
        var late = AwardLifecycle.Renew(stream.Transcript, Engineer, stream.Act("operations", Ends), Board, Ends.AddYears(3));
        Assert.Equal("effectiveAt", late.Refusal<Refusal.Invalid>().Field);
    }

    [Fact]
    public void Judging_a_renewal_under_another_version_is_a_mistake_of_the_caller()
    {
        var stream = OperationsAwarded();
        Assert.Throws<ArgumentException>(
            () => AwardLifecycle.Renew(stream.Transcript, Engineer with { Version = 2 }, stream.Act("operations"), Board, Day(90)));
    }
}
