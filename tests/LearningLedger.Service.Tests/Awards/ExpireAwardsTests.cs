using System.Net;
using LearningLedger.Service.Awards;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class ExpireAwardsTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Ends_a_standing_award_at_its_time_and_only_once()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");
        var end = (DateTimeOffset)(await room.ReadAsync(learner, award))["expiresAt"]!;

        await PassAsync(end.AddMilliseconds(-1));
        Assert.Empty(await room.EventsAsync(learner, "award.expired"));
        await PassAsync(end);
        var second = await PassAsync(end);

        Assert.Equal(0, second);
        var expired = Assert.Single(await room.EventsAsync(learner, "award.expired"));
        Assert.Equal(end, (DateTimeOffset)expired["effectiveAt"]!);
        var read = await room.ReadAsync(learner, award);
        Assert.Equal("expired", (string)read["status"]!);
        Assert.Equal("policy:expiry", (string)read["history"]![1]!["actor"]!);
    }

    [Fact]
    public async Task A_renewal_stands_until_its_own_end()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");
        var firstEnd = (DateTimeOffset)(await room.ReadAsync(learner, award))["expiresAt"]!;
        await PassAsync(firstEnd);
        using var renewed = await Classroom.ActAsync(room.Board, learner, award, "renew");
        await renewed.ShouldBeAsync(HttpStatusCode.OK);
        var secondEnd = (DateTimeOffset)(await room.ReadAsync(learner, award))["expiresAt"]!;

        await PassAsync(firstEnd.AddDays(1));
        Assert.Equal("awarded", (string)(await room.ReadAsync(learner, award))["status"]!);
        await PassAsync(secondEnd);

        Assert.Equal("expired", (string)(await room.ReadAsync(learner, award))["status"]!);
        Assert.Equal(2, (await room.EventsAsync(learner, "award.expired")).Count);
    }

    [Fact]
    public async Task A_suspended_award_expires_once_it_is_reinstated_and_a_revoked_one_never()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (ann, suspended, _) = await room.WithPeakAsync("ann");
        var (bob, revoked, _) = await room.WithPeakAsync("bob");
        using var suspend = await Classroom.ActAsync(room.Board, ann, suspended, "suspend");
        using var revoke = await Classroom.ActAsync(room.Board, bob, revoked, "revoke");
        var later = DateTimeOffset.UtcNow.AddYears(2);

        await PassAsync(later);
        Assert.Equal("suspended", (string)(await room.ReadAsync(ann, suspended))["status"]!);
        using var reinstate = await Classroom.ActAsync(room.Board, ann, suspended, "reinstate");
        await PassAsync(later);

        Assert.Equal("expired", (string)(await room.ReadAsync(ann, suspended))["status"]!);
        Assert.Equal("revoked", (string)(await room.ReadAsync(bob, revoked))["status"]!);
    }

    [Fact]
    public async Task An_award_resting_on_an_expired_one_is_flagged()
    {
        var limited = System.Text.Json.Nodes.JsonNode.Parse(LedgerFixture.SmallFramework)!;
        limited["milestones"]![0]!["rule"]!["validFor"] = "P20Y";
        using var room = await Classroom.OpenAsync(fixture, limited.ToJsonString());
        var (learner, award, _) = await room.WithPeakAsync("ann");

        await PassAsync(DateTimeOffset.UtcNow.AddYears(21));

        Assert.Equal(2, (await room.EventsAsync(learner, "award.expired")).Count);
        Assert.True((bool)(await room.ReadAsync(learner, award))["flagged"]!);
    }

    private Task<int> PassAsync(DateTimeOffset now) =>
        fixture.Ledger.App.Services.GetRequiredService<ExpireAwards>().ExpireAsync(now, CancellationToken.None);
}
