using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Awards;

[Collection(DecisionCollection.Name)]
public sealed class EvaluateFrameworkTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Publishing_awards_nothing_and_evaluating_does()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (ann, _) = await room.WithBaseAsync("ann");
        await room.AttemptAsync("bob", "alpha", 0.9);
        await room.PublishAsync(Classroom.Change(LedgerFixture.SmallFramework, "twin", _ => { }));
        Assert.Single(await room.EventsAsync(ann, "milestone.awarded"));

        using var evaluated = await room.Admin.PostAsync("/v1/frameworks/twin/evaluate", null);

        await evaluated.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("""{"learners":2,"sent":1}""", await evaluated.Content.ReadAsStringAsync());
        await room.AwardedAsync(ann, "base", "base");
        using var again = await room.Admin.PostAsync("/v1/frameworks/twin/evaluate", null);
        Assert.Equal("""{"learners":2,"sent":0}""", await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Knows_no_framework_of_another_tenant()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.PublishAsync(Classroom.Change(LedgerFixture.SmallFramework, "mine", _ => { }));
        using var other = await Classroom.OpenAsync(fixture);

        using var answer = await other.Admin.PostAsync("/v1/frameworks/mine/evaluate", null);

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }
}
