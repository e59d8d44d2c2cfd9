using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Evidence;

[Collection(DecisionCollection.Name)]
public sealed class ReviewEvidenceTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Records_a_verdict_with_the_comment_sealed()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, evidence) = await SubmittedAsync(room);

        using var answer = await PostAsync(room.Assessor, learner, evidence, """{"decision":"rejected","rubric":"clarity.2","comment":"Not hers","occurredAt":"2026-01-06T09:00:00+01:00"}""");

        await answer.ShouldBeAsync(HttpStatusCode.Created);
        var stored = Assert.Single(await room.EventsAsync(learner, "evidence.reviewed"));
        Assert.Equal("rejected", (string)stored["decision"]!);
        Assert.Equal("clarity.2", (string)stored["rubric"]!);
        Assert.NotNull(stored["comment"]!["sealed"]);
    }

    [Fact]
    public async Task A_later_verdict_of_the_same_assessor_replaces_the_earlier()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");
        var evidence = (Guid)(await room.EventsAsync(learner, "evidence.submitted"))[^1]["evidence"]!;

        using var answer = await Classroom.ReviewAsync(room.Assessor, learner, evidence, "rejected");

        await answer.ShouldBeAsync(HttpStatusCode.Created);
        Assert.True((bool)(await room.ReadAsync(learner, award))["flagged"]!);
    }

    [Fact]
    public async Task Refuses_withdrawn_evidence()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, evidence) = await SubmittedAsync(room);
        await Tenant.PostAsync(room.Platform, Tenant.Event("w", "ann", "evidence.withdrawn", $$"""{"evidence":"{{evidence}}","reason":"wrong-file"}"""));

        using var answer = await Classroom.ReviewAsync(room.Assessor, learner, evidence, "accepted");

        await answer.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Refuses_evidence_the_learner_never_handed_in()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await SubmittedAsync(room);

        using var answer = await Classroom.ReviewAsync(room.Assessor, learner, Guid.NewGuid(), "accepted");

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{}""", "decision")]
    [InlineData("""{"decision":"maybe"}""", "decision")]
    [InlineData("""{"decision":"accepted","rubric":"two words"}""", "rubric")]
    [InlineData("""{"decision":"accepted","occurredAt":"2999-01-01T00:00:00Z"}""", "occurredAt")]
    public async Task Names_the_field_that_is_wrong(string body, string field)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, evidence) = await SubmittedAsync(room);

        using var answer = await PostAsync(room.Assessor, learner, evidence, body);

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(field, (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
    }

    private static async Task<(Guid Learner, Guid Evidence)> SubmittedAsync(Classroom room)
    {
        var evidence = Guid.NewGuid();
        var posted = await Tenant.PostAsync(room.Platform, Tenant.Evidence("e", "ann", evidence));
        return ((Guid)posted["receipts"]![0]!["learner"]!, evidence);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient by, Guid learner, Guid evidence, string body) =>
        by.PostAsync($"/v1/learners/{learner}/evidence/{evidence}/reviews", LedgerFixture.Json(body));
}
