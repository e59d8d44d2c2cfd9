using System.Net;
using LearningLedger.Service.Awards;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;

namespace LearningLedger.Service.Tests.Awards;

/// <summary>Decisions about one learner at the same instant. Whatever order they get, what is left must be true. LEDGER_LONG=1 tries 200 times.</summary>
[Collection(DecisionCollection.Name)]
public sealed class AwardRaceTests(LedgerFixture fixture)
{
    private static readonly int Times = Environment.GetEnvironmentVariable("LEDGER_LONG") == "1" ? 200 : 15;

    [Fact]
    public async Task An_award_raced_against_a_void_and_another_award_never_stands_clean_on_what_was_voided()
    {
        using var room = await Classroom.OpenAsync(fixture);
        for (var i = 0; i < Times; i++)
        {
            var (learner, gamma) = await room.ReadyForPeakAsync($"learner-{i}");

            var answers = await Task.WhenAll(
                Classroom.AwardAsync(room.Board, learner, "peak"), Classroom.VoidAsync(room.Board, learner, gamma), Classroom.AwardAsync(room.Board, learner, "peak"));

            await answers[1].ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(answers.Where((_, n) => n != 1).Count(a => a.StatusCode == HttpStatusCode.Created), await DoubtedAsync(room, learner, "peak"));
        }
    }

    [Fact]
    public async Task An_award_raced_against_the_revocation_of_what_it_requires_is_refused_or_flagged()
    {
        using var room = await Classroom.OpenAsync(fixture);
        for (var i = 0; i < Times; i++)
        {
            var (learner, _) = await room.ReadyForPeakAsync($"learner-{i}");
            var required = (Guid)(await room.EventsAsync(learner, "milestone.awarded"))[0]["award"]!;

            var answers = await Task.WhenAll(
                Classroom.AwardAsync(room.Board, learner, "peak"), Classroom.ActAsync(room.Board, learner, required, "revoke"),
                Classroom.AwardAsync(room.Board, learner, "peak"));

            await answers[1].ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(answers.Where((_, n) => n != 1).Count(a => a.StatusCode == HttpStatusCode.Created), await DoubtedAsync(room, learner, "peak"));
        }
    }

    [Fact]
    public async Task An_automatic_award_raced_against_a_void_and_itself_is_made_once_or_not_at_all()
    {
        using var room = await Classroom.OpenAsync(fixture);
        for (var i = 0; i < Times; i++)
        {
            var (learner, _) = await room.AttemptAsync($"learner-{i}", "alpha", 0.9);
            await room.AcceptedEvidenceAsync($"learner-{i}", learner, "alpha", room.Assessor);
            var (_, beta) = await room.AttemptAsync($"learner-{i}", "beta", 0.9);
            var message = new AwardMilestones(room.Tenant.Name, learner);

            var voiding = Classroom.VoidAsync(room.Board, learner, beta);
            await Task.WhenAll(voiding, HandleAsync(message), HandleAsync(message));

            await (await voiding).ShouldBeAsync(HttpStatusCode.OK);
            await DoubtedAsync(room, learner, "base");
        }

        async Task HandleAsync(AwardMilestones message)
        {
            await using var own = fixture.Ledger.App.Services.CreateAsyncScope();
            await own.ServiceProvider.GetRequiredService<IMessageBus>().InvokeAsync(message);
        }
    }

    /// <summary>What the milestone rests on was broken: there is at most one award of it, and that is flagged.</summary>
    private static async Task<int> DoubtedAsync(Classroom room, Guid learner, string milestone)
    {
        var awards = (await room.EventsAsync(learner, "milestone.awarded")).Where(a => (string)a["milestone"]! == milestone).ToList();
        Assert.InRange(awards.Count, 0, 1);
        foreach (var award in awards)
        {
            Assert.True((bool)(await room.ReadAsync(learner, (Guid)award["award"]!))["flagged"]!, $"Award {award["award"]} stands clean on what no longer holds.");
        }

        return awards.Count;
    }
}
