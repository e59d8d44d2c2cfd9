using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Pages;

[Collection(DecisionCollection.Name)]
public class AssessPageTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Shows_open_evidence_and_takes_the_verdict_into_the_ledger()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, evidence) = await SubmittedAsync(room);
        using var visitor = await AssessorAsync(room);
        var path = $"/assess/{learner:D}/{evidence:D}";
        await Expectations.EventuallyAsync(async () => (await visitor.TextAsync("/assess")).Contains(path), "the evidence in the queue");

        var words = await visitor.WordsAsync(path);
        using var answer = await visitor.SubmitAsync(path, "review", ("Verdict", "accepted"), ("Rubric", "level-2"), ("Comment", "Sound work."));

        Assert.Contains("My work", words);
        Assert.Contains("https://platform.example/f/1", words);
        Assert.Equal("/assess?done=accepted", answer.Headers.Location!.OriginalString);
        var review = Assert.Single(await room.EventsAsync(learner, "evidence.reviewed"));
        Assert.Equal(("accepted", "level-2"), ((string)review["decision"]!, (string)review["rubric"]!));
        Assert.NotNull(review["comment"]!["sealed"]);
        await Expectations.EventuallyAsync(async () => !(await visitor.TextAsync("/assess")).Contains(path), "the evidence to leave the queue");
    }

    [Fact]
    public async Task Says_whose_award_the_assessor_may_no_longer_decide_and_the_ledger_holds_to_it()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ada");
        await room.AttemptAsync("ada", "gamma", 0.9);
        var evidence = Guid.NewGuid();
        await Tenant.PostAsync(room.Platform, Tenant.Evidence("work", "ada", evidence, "\"gamma\""));
        using var visitor = await AssessorAsync(room);
        using var same = await room.Tenant.PersonAsync("reader", Scopes.AwardsDecide);

        var words = await visitor.WordsAsync($"/assess/{learner:D}/{evidence:D}");
        using var verdict = await visitor.SubmitAsync($"/assess/{learner:D}/{evidence:D}", "review", ("Verdict", "accepted"));
        using var award = await Classroom.AwardAsync(same, learner, "peak");

        Assert.Contains("person:reader", words);
        Assert.Contains("may not decide or renew, for this learner, the award of: Peak", words);
        await award.ShouldBeAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Tells_why_a_verdict_is_refused_and_records_nothing()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, evidence) = await SubmittedAsync(room);
        using var visitor = await AssessorAsync(room);

        using var answer = await visitor.SubmitAsync($"/assess/{learner:D}/{evidence:D}", "review", ("Verdict", "accepted"), ("Rubric", "two words"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("A rubric is a code or an absolute IRI", await answer.Content.ReadAsStringAsync());
        Assert.Empty(await room.EventsAsync(learner, "evidence.reviewed"));
    }

    [Fact]
    public async Task Another_organisations_evidence_is_not_there()
    {
        using var room = await Classroom.OpenAsync(fixture);
        using var other = await Classroom.OpenAsync(fixture);
        var (learner, evidence) = await SubmittedAsync(other);
        using var visitor = await AssessorAsync(room);

        using var answer = await visitor.Client.GetAsync($"/assess/{learner:D}/{evidence:D}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("My work", await answer.Content.ReadAsStringAsync());
    }

    private async Task<PageVisitor> AssessorAsync(Classroom room) =>
        await PageVisitor.SignedInAsync(fixture, await room.Tenant.KeyAsync([Scopes.EvidenceReview], person: "reader"));

    private static async Task<(Guid Learner, Guid Evidence)> SubmittedAsync(Classroom room)
    {
        var (learner, _) = await room.AttemptAsync("ada", "alpha", 0.9);
        var evidence = Guid.NewGuid();
        await Tenant.PostAsync(room.Platform, Tenant.Evidence("work", "ada", evidence));
        return (learner, evidence);
    }
}
