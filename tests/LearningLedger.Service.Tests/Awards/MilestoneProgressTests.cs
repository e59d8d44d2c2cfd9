using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class MilestoneProgressTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Says_what_is_missing_under_the_version_in_force()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.65);

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/milestones/base");

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("\"2\"", answer.Headers.ETag!.Tag);
        Assert.Equal(
            """{"milestone":"base","framework":"small","frameworkVersion":1,"eligible":false,"missing":[{"rule":"score","need":0.7,"have":0.65,"skill":"alpha"},{"rule":"score","need":0.7,"skill":"beta"},{"rule":"evidence","need":1,"have":0},{"rule":"assessors","need":1,"have":0}]}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Is_eligible_with_nothing_missing()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.ReadyForPeakAsync("ann");

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/milestones/peak?framework=small");

        var progress = await answer.JsonAsync();
        Assert.True((bool)progress["eligible"]!);
        Assert.Empty(progress["missing"]!.AsArray());
    }

    [Fact]
    public async Task Asks_for_the_framework_where_several_have_the_milestone()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.PublishAsync(Classroom.Change(LedgerFixture.SmallFramework, "twin", _ => { }));
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);

        using var vague = await room.Auditor.GetAsync($"/v1/learners/{learner}/milestones/base");
        using var exact = await room.Auditor.GetAsync($"/v1/learners/{learner}/milestones/base?framework=twin");

        await vague.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        await exact.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("twin", (string)(await exact.JsonAsync())["framework"]!);
    }

    [Theory]
    [InlineData("summit")]
    [InlineData("base?framework=large")]
    public async Task Knows_no_other_milestone(string milestone)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);

        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/milestones/{milestone}");

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }
}
