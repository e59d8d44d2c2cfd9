using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Awards;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class AwardWatchTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Awards_an_automatic_milestone_when_its_last_piece_arrives()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");

        var award = Assert.Single(await room.EventsAsync(learner, "milestone.awarded"));
        var read = await room.ReadAsync(learner, (Guid)award["award"]!);

        Assert.Equal("policy:award", (string)read["decidedBy"]!);
        Assert.Equal(4, read["basis"]!.AsArray().Count);
    }

    [Fact]
    public async Task Awards_the_next_level_that_follows_from_the_first()
    {
        using var room = await Classroom.OpenAsync(fixture, Classroom.Ladder);
        var (learner, _) = await room.AttemptAsync("ann", "gamma", 0.9);
        await room.AttemptAsync("ann", "beta", 0.9);
        await room.AttemptAsync("ann", "alpha", 0.9);
        await room.AcceptedEvidenceAsync("ann", learner, "alpha", room.Assessor);

        await room.AwardedAsync(learner, "base", "peak");
    }

    [Fact]
    public async Task Awards_the_next_level_after_a_person_awarded_the_first()
    {
        var manual = JsonNode.Parse(Classroom.Ladder)!;
        manual["milestones"]![0]!["rule"]!["decision"] = "assessor";
        using var room = await Classroom.OpenAsync(fixture, manual.ToJsonString());
        var (learner, _) = await room.AttemptAsync("ann", "gamma", 0.9);
        await room.AttemptAsync("ann", "beta", 0.9);
        await room.AttemptAsync("ann", "alpha", 0.9);
        await room.AcceptedEvidenceAsync("ann", learner, "alpha", room.Assessor);

        using var awarded = await Classroom.AwardAsync(room.Board, learner, "base");

        await awarded.ShouldBeAsync(HttpStatusCode.Created);
        await room.AwardedAsync(learner, "base", "peak");
    }

    [Fact]
    public async Task One_message_delivered_ten_times_gives_one_award()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        var bus = fixture.Ledger.App.Services.GetRequiredService<IServiceScopeFactory>().CreateScope().ServiceProvider.GetRequiredService<IMessageBus>();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bus.InvokeAsync(new AwardMilestones(room.Tenant.Name, learner))));

        Assert.Single(await room.EventsAsync(learner, "milestone.awarded"));
    }

    [Fact]
    public async Task Never_awards_again_what_was_revoked()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ann");
        var award = (Guid)(await room.EventsAsync(learner, "milestone.awarded"))[0]["award"]!;
        using var revoked = await Classroom.ActAsync(room.Board, learner, award, "revoke");
        await revoked.ShouldBeAsync(HttpStatusCode.OK);

        await room.AttemptAsync("ann", "alpha", 1);
        await room.WithBaseAsync("bob");

        Assert.Single(await room.EventsAsync(learner, "milestone.awarded"));
    }
}
