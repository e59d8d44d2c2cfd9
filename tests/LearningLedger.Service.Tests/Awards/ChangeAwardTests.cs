using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class ChangeAwardTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Suspends_reinstates_and_revokes()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");

        await ActAndExpectAsync("suspend", "suspended");
        await ActAndExpectAsync("reinstate", "awarded");
        await ActAndExpectAsync("revoke", "revoked");

        var history = (await room.ReadAsync(learner, award))["history"]!.AsArray();
        Assert.Equal(["milestone.awarded", "award.suspended", "award.reinstated", "award.revoked"], history.Select(h => (string)h!["event"]!));
        Assert.Equal("person:board", (string)history[3]!["actor"]!);
        Assert.Equal("appeal", (string)history[3]!["reason"]!);
        Assert.NotNull((await room.EventsAsync(learner, "award.revoked"))[0]["note"]!["sealed"]);

        async Task ActAndExpectAsync(string act, string status)
        {
            using var answer = await Classroom.ActAsync(room.Board, learner, award, act, """{"reason":"appeal","note":"After the hearing"}""");
            await answer.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(award, (Guid)(await answer.JsonAsync())["award"]!);
            Assert.Equal(status, (string)(await room.ReadAsync(learner, award))["status"]!);
        }
    }

    [Fact]
    public async Task Affirms_a_flagged_award_and_no_other()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, gamma) = await room.WithPeakAsync("ann");
        using var needless = await Classroom.ActAsync(room.Board, learner, award, "affirm");
        using var voided = await Classroom.VoidAsync(room.Board, learner, gamma);

        using var affirmed = await Classroom.ActAsync(room.Board, learner, award, "affirm");

        await needless.ShouldBeAsync(HttpStatusCode.Conflict);
        await affirmed.ShouldBeAsync(HttpStatusCode.OK);
        Assert.False((bool)(await room.ReadAsync(learner, award))["flagged"]!);
    }

    [Fact]
    public async Task Renews_by_the_rule_it_was_granted_under()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");
        var before = (DateTimeOffset)(await room.ReadAsync(learner, award))["expiresAt"]!;

        using var renewed = await Classroom.ActAsync(room.Board, learner, award, "renew");
        using var byReviewer = await Classroom.ActAsync(room.Assessor, learner, award, "renew");

        await renewed.ShouldBeAsync(HttpStatusCode.OK);
        Assert.True((DateTimeOffset)(await room.ReadAsync(learner, award))["expiresAt"]! > before);
        await byReviewer.ShouldBeAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Refuses_to_renew_what_its_rule_no_longer_gives()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, gamma) = await room.WithPeakAsync("ann");
        using var voided = await Classroom.VoidAsync(room.Board, learner, gamma);

        using var answer = await Classroom.ActAsync(room.Board, learner, award, "renew");

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("score", (string)(await answer.JsonAsync())["missing"]![0]!["rule"]!);
    }

    [Fact]
    public async Task Refuses_to_renew_an_award_without_an_end()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        var award = (Guid)(await room.EventsAsync(learner, "milestone.awarded"))[0]["award"]!;

        using var answer = await Classroom.ActAsync(room.Board, learner, award, "renew");

        await answer.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("reinstate")]
    [InlineData("affirm")]
    public async Task Refuses_an_act_the_status_does_not_allow(string act)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");

        using var answer = await Classroom.ActAsync(room.Board, learner, award, act);

        await answer.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("""{"note":"words"}""", "reason")]
    [InlineData("""{"reason":"x","effectiveAt":"2020-01-01T00:00:00Z"}""", "effectiveAt")]
    [InlineData("""{"reason":"x","effectiveAt":"2999-01-01T00:00:00Z"}""", "effectiveAt")]
    [InlineData("""{"reason":"x","effectiveAt":"2026-01-01T00:00:00"}""", "effectiveAt")]
    public async Task Names_the_field_that_is_wrong(string body, string field)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");

        using var answer = await Classroom.ActAsync(room.Board, learner, award, "revoke", body);

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(field, (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
    }

    [Fact]
    public async Task Refuses_an_award_of_another_learner()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (_, award, _) = await room.WithPeakAsync("ann");
        var (other, _) = await room.AttemptAsync("bob", "alpha", 0.9);

        using var answer = await Classroom.ActAsync(room.Board, other, award, "revoke");

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }
}
