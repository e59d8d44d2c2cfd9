using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Attempts;

[Collection(DecisionCollection.Name)]
public sealed class VoidAttemptTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Voids_an_attempt_and_keeps_the_note_sealed()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.9);

        using var answer = await Classroom.VoidAsync(room.Board, learner, attempt, """{"reason":"proctoring","note":"She said so herself"}""");

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("\"3\"", answer.Headers.ETag!.Tag);
        var body = await answer.JsonAsync();
        Assert.Equal(3, (int)body["version"]!);
        Assert.Equal("attempt.voided", (string)body["events"]![0]!["type"]!);
        var stored = Assert.Single(await room.EventsAsync(learner, "attempt.voided"));
        Assert.Equal(attempt, (Guid)stored["attempt"]!);
        Assert.Equal("proctoring", (string)stored["reason"]!);
        Assert.NotNull(stored["note"]!["sealed"]);
        Assert.DoesNotContain("herself", stored.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flags_the_awards_that_rest_on_it()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, beta) = await room.WithBaseAsync("ann");

        using var answer = await Classroom.VoidAsync(room.Board, learner, beta);

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var award = (Guid)(await room.EventsAsync(learner, "milestone.awarded"))[0]["award"]!;
        var read = await room.ReadAsync(learner, award);
        Assert.True((bool)read["flagged"]!);
        Assert.Equal("awarded", (string)read["status"]!);
    }

    [Fact]
    public async Task Refuses_what_was_voided_before()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.9);
        using var first = await Classroom.VoidAsync(room.Board, learner, attempt);

        using var second = await Classroom.VoidAsync(room.Board, learner, attempt);

        await second.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Refuses_an_attempt_of_another_learner()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);
        var (_, foreign) = await room.AttemptAsync("bob", "alpha", 0.9);

        using var answer = await Classroom.VoidAsync(room.Board, learner, foreign);

        await answer.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{}""", "reason")]
    [InlineData("""{"reason":"Not a code"}""", "reason")]
    [InlineData("""{"reason":5}""", "reason")]
    [InlineData("""{"reason":"x","colour":"red"}""", "colour")]
    public async Task Names_the_field_that_is_wrong(string body, string field)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.9);

        using var answer = await Classroom.VoidAsync(room.Board, learner, attempt, body);

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(field, (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
    }

    [Fact]
    public async Task Refuses_a_note_longer_than_the_limit()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.9);

        using var answer = await Classroom.VoidAsync(room.Board, learner, attempt, $$"""{"reason":"x","note":"{{new string('n', 4001)}}"}""");

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
    }
}
