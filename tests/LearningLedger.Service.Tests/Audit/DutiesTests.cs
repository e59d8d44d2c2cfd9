using System.Net;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Audit;

[Collection(DecisionCollection.Name)]
public sealed class DutiesTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Lists_decisions_by_keys_without_a_person_and_no_others()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithPeakAsync("ann") is var (l, _, g) ? (l, g) : default;
        var key = await room.Tenant.KeyAsync([Scopes.AwardsDecide]);
        using var nameless = fixture.Client(key);
        var (_, attempt) = await room.AttemptAsync("ann", "gamma", 0.1);
        using var voided = await Classroom.VoidAsync(nameless, learner, attempt);

        using var answer = await room.Auditor.GetAsync("/v1/audit/duties");

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var duties = await answer.JsonAsync();
        var decision = Assert.Single(duties["decisions"]!.AsArray())!;
        Assert.Equal("attempt.voided", (string)decision["type"]!);
        Assert.Equal("key:" + KeyText.Parse(key)!.Id, (string)decision["actor"]!);
        Assert.Equal(learner, (Guid)decision["learner"]!);
        Assert.Empty(duties["violations"]!.AsArray());
        Assert.True(duties.AsObject().ContainsKey("next"));
        Assert.Null(duties["next"]);
    }

    [Fact]
    public async Task Finds_an_award_decided_by_who_reviewed_its_basis()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        var basis = (await room.EventsAsync(learner, "milestone.awarded"))[0]["basis"]!.AsArray().Select(b => (Guid)b!).ToList();
        var forged = new MilestoneAwarded(Guid.NewGuid(), "small", 1, "peak", new string('0', 64), basis, DateTimeOffset.UtcNow);
        await DecideAsync(room, learner, "person:assessor", new DecidedEvent(forged, forged.EffectiveAt));

        using var answer = await room.Auditor.GetAsync("/v1/audit/duties");

        var violation = Assert.Single((await answer.JsonAsync())["violations"]!.AsArray())!;
        Assert.Equal(forged.Award, (Guid)violation["award"]!);
        Assert.Equal("person:assessor", (string)violation["actor"]!);
        Assert.Contains((Guid)violation["reviews"]![0]!, basis);
    }

    [Fact]
    public async Task Pages_by_sequence()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.5);
        await DecideAsync(
            room, learner, "key:robot", [.. Enumerable.Range(0, 1_050).Select(_ => new DecidedEvent(new AttemptVoided(attempt, "again"), DateTimeOffset.UtcNow))]);

        var first = await (await room.Auditor.GetAsync("/v1/audit/duties")).JsonAsync();
        var second = await (await room.Auditor.GetAsync((string)first["next"]!)).JsonAsync();

        var sequences = first["decisions"]!.AsArray().Concat(second["decisions"]!.AsArray()).Select(d => (long)d!["sequence"]!).ToList();
        Assert.Equal(1_050, sequences.Distinct().Count());
        Assert.Equal(sequences.Order(), sequences);
        Assert.Null(second["next"]);
    }

    [Theory]
    [InlineData("-1", HttpStatusCode.UnprocessableEntity)]
    [InlineData("soon", HttpStatusCode.BadRequest)]
    public async Task Refuses_a_place_that_cannot_be(string after, HttpStatusCode status)
    {
        using var room = await Classroom.OpenAsync(fixture);

        using var answer = await room.Auditor.GetAsync($"/v1/audit/duties?after={after}");

        await answer.ShouldBeAsync(status);
    }

    private async Task DecideAsync(Classroom room, Guid learner, string actor, params DecidedEvent[] events) =>
        await fixture.Ledger.App.Services.GetRequiredService<LearnerDecisions>().DecideAsync(
            new DecidedBy(room.Tenant.Name, actor, "robot", null), learner, _ => (events, null), ifMatch: null, exclusive: true, CancellationToken.None);
}
