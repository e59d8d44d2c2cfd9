using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class DecideAwardTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Awards_a_milestone_and_names_where_to_read_it()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, gamma) = await room.ReadyForPeakAsync("ann");

        using var answer = await Classroom.AwardAsync(room.Board, learner, "peak");

        await answer.ShouldBeAsync(HttpStatusCode.Created);
        using var read = await room.Auditor.GetAsync(answer.Headers.Location!);
        await read.ShouldBeAsync(HttpStatusCode.OK);
        var award = await read.JsonAsync();
        Assert.Equal("peak", (string)award["milestone"]!);
        Assert.Equal("person:board", (string)award["decidedBy"]!);
        Assert.Equal((string)(await answer.JsonAsync())["award"]!, (string)award["award"]!);
        Assert.Contains(gamma, award["basis"]!.AsArray().Select(b => (Guid)b!["eventId"]!));
        Assert.Equal(answer.Headers.ETag, read.Headers.ETag);
    }

    [Fact]
    public async Task Sees_a_fact_that_was_recorded_past_the_event_store_a_moment_ago()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        await room.AcceptedEvidenceAsync("ann", learner, "gamma", room.Assessor);
        using var early = await Classroom.AwardAsync(room.Board, learner, "peak");
        var (_, gamma) = await room.AttemptAsync("ann", "gamma", 0.9);

        using var awarded = await Classroom.AwardAsync(room.Board, learner, "peak");

        await early.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        await awarded.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Contains(gamma, (await room.EventsAsync(learner, "milestone.awarded"))[^1]["basis"]!.AsArray().Select(b => (Guid)b!));
    }

    [Fact]
    public async Task Lists_all_that_is_missing()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "beta", 0.5);

        using var answer = await Classroom.AwardAsync(room.Board, learner, "peak", "small");

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        var missing = (await answer.JsonAsync())["missing"]!.AsArray();
        Assert.Equal(["score beta", "score gamma", "evidence ", "assessors ", "requires "], missing.Select(m => $"{m!["rule"]} {m["skill"]}"));
        Assert.Equal(0.8, (double)missing[0]!["need"]!);
        Assert.Equal(0.5, (double)missing[0]!["have"]!);
        Assert.Equal("base", (string)missing[4]!["need"]!);
    }

    [Fact]
    public async Task Refuses_a_second_award_while_the_first_is_open()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");

        using var again = await Classroom.AwardAsync(room.Board, learner, "peak");
        using var suspended = await Classroom.ActAsync(room.Board, learner, award, "suspend");
        using var whileSuspended = await Classroom.AwardAsync(room.Board, learner, "peak");

        await again.ShouldBeAsync(HttpStatusCode.Conflict);
        await whileSuspended.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_person_awards_again_what_was_revoked()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        var first = (Guid)(await room.EventsAsync(learner, "milestone.awarded"))[0]["award"]!;
        using var revoked = await Classroom.ActAsync(room.Board, learner, first, "revoke");

        using var again = await Classroom.AwardAsync(room.Board, learner, "base");

        await again.ShouldBeAsync(HttpStatusCode.Created);
        Assert.NotEqual(first, (Guid)(await again.JsonAsync())["award"]!);
    }

    [Fact]
    public async Task Whoever_reviewed_evidence_that_counts_may_not_decide()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.ReadyForPeakAsync("ann");

        using var answer = await Classroom.AwardAsync(room.Assessor, learner, "peak");

        await answer.ShouldBeAsync(HttpStatusCode.Forbidden);
        Assert.Equal("urn:learningledger:problem:separation-of-duties", (string)(await answer.JsonAsync())["type"]!);
        Assert.Single(await room.EventsAsync(learner, "milestone.awarded"));
    }

    [Fact]
    public async Task Two_keys_of_one_person_are_one_actor()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.ReadyForPeakAsync("ann");
        using var otherKey = await room.Tenant.PersonAsync("assessor", Scopes.AwardsDecide);

        using var answer = await Classroom.AwardAsync(otherKey, learner, "peak");

        await answer.ShouldBeAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("""{}""", "milestone")]
    [InlineData("""{"milestone":"summit"}""", "milestone")]
    [InlineData("""{"milestone":"peak","framework":"large"}""", "framework")]
    [InlineData("""{"milestone":"peak","level":1}""", "level")]
    public async Task Names_the_field_that_is_wrong(string body, string field)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);

        using var answer = await room.Board.PostAsync($"/v1/learners/{learner}/awards", LedgerFixture.Json(body));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(field, (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
    }

    [Fact]
    public async Task Asks_for_the_framework_where_several_have_the_milestone()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.PublishAsync(Classroom.Change(LedgerFixture.SmallFramework, "twin", _ => { }));
        var (learner, _) = await room.WithBaseOfAllAsync("ann");
        await room.AttemptAsync("ann", "gamma", 0.9);
        await room.AcceptedEvidenceAsync("ann", learner, "gamma", room.Assessor);

        using var vague = await Classroom.AwardAsync(room.Board, learner, "peak");
        using var exact = await Classroom.AwardAsync(room.Board, learner, "peak", "twin");

        await vague.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("framework", (string)(await vague.JsonAsync())["errors"]![0]!["field"]!);
        await exact.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("twin", (string)(await room.EventsAsync(learner, "milestone.awarded"))[^1]["framework"]!);
    }

    [Fact]
    public async Task Judges_under_the_version_a_cohort_pins()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.ReadyForPeakAsync("ann");
        using var opened = await room.Admin.PostAsync("/v1/cohorts", LedgerFixture.Json("""{"code":"c1","name":"C1","framework":"small","version":1}"""));
        await opened.ShouldBeAsync(HttpStatusCode.Created);
        using var joined = await room.Platform.PutAsync($"/v1/cohorts/c1/members/{learner}", null);
        await joined.ShouldBeAsync(HttpStatusCode.NoContent);
        await room.PublishAsync(Classroom.Change(LedgerFixture.SmallFramework, "small", peak => peak["passingScore"] = 1));

        using var pinned = await Classroom.AwardAsync(room.Board, learner, "peak");

        await pinned.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(1, (int)(await room.EventsAsync(learner, "milestone.awarded"))[^1]["frameworkVersion"]!);
    }
}
