using System.Net;
using LearningLedger.Events;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class ReplayAwardTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Gives_what_was_recorded_whatever_came_after()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, gamma) = await room.WithPeakAsync("ann");
        using var renewed = await Classroom.ActAsync(room.Board, learner, award, "renew");
        using var voided = await Classroom.VoidAsync(room.Board, learner, gamma);
        await room.PublishAsync(Classroom.Change(LedgerFixture.SmallFramework, "small", peak => peak["passingScore"] = 1));

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/awards/{award}/replay");

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var replay = await answer.JsonAsync();
        Assert.True((bool)replay["same"]!);
        Assert.Equal(1, (int)replay["frameworkVersion"]!);
        Assert.Equal(["milestone.awarded", "award.renewed"], replay["decisions"]!.AsArray().Select(d => (string)d!["type"]!));
    }

    [Fact]
    public async Task Replays_an_automatic_award()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        var award = (Guid)(await room.EventsAsync(learner, "milestone.awarded"))[0]["award"]!;

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/awards/{award}/replay");

        Assert.True((bool)(await answer.JsonAsync())["same"]!);
    }

    [Fact]
    public async Task Shows_where_an_award_was_not_what_the_rule_gives()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "beta", 0.9);
        var forged = new MilestoneAwarded(Guid.NewGuid(), "small", 1, "peak", new string('0', 64), [attempt], DateTimeOffset.UtcNow);
        await fixture.Ledger.App.Services.GetRequiredService<LearnerDecisions>().DecideAsync(
            new DecidedBy(room.Tenant.Name, "person:intruder", "k", null), learner, _ => new DecidedEvent(forged, forged.EffectiveAt));

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/awards/{forged.Award}/replay");

        var replay = await answer.JsonAsync();
        Assert.False((bool)replay["same"]!);
        Assert.Equal(["ruleHash", "eligible", "expiresAt"], replay["decisions"]![0]!["differences"]!.AsArray().Select(d => (string)d!["field"]!));
    }

    [Fact]
    public async Task Knows_no_award_of_another_learner()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "beta", 0.9);

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/awards/{Guid.NewGuid()}/replay");

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }
}
