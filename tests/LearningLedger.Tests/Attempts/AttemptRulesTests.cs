using LearningLedger.Attempts;
using LearningLedger.Events;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Attempts;

public class AttemptRulesTests
{
    [Fact]
    public void Voids_an_attempt_with_its_note_sealed()
    {
        var stream = FoundationsPassed();
        var note = new Sealed("AAAA");
        var decision = AttemptRules.Void(stream.Transcript, stream.Last, "cheating", note, Day(9));
        Assert.Equal(new AttemptVoided(stream.Last, "cheating", note), decision.Body<AttemptVoided>());
        Assert.Equal(Day(9), decision.Events[0].Occurred);
    }

    [Fact]
    public void Refuses_an_attempt_the_learner_never_made() =>
        AttemptRules.Void(FoundationsPassed().Transcript, Guid.Empty, "cheating", null, Day(9)).Refusal<Refusal.NotFound>();

    [Fact]
    public void Refuses_to_void_an_event_that_is_no_attempt()
    {
        var stream = NewLearner().Submitted(1, 1, ["linux"]);
        AttemptRules.Void(stream.Transcript, stream.Last, "cheating", null, Day(9)).Refusal<Refusal.NotFound>();
    }

    [Fact]
    public void Refuses_a_second_voiding_and_names_the_first()
    {
        var stream = FoundationsPassed();
        var conflict = AttemptRules.Void(stream.Voided(stream.Last).Transcript, stream.Id(3), "cheating", null, Day(9)).Refusal<Refusal.Conflict>();
        Assert.Contains(Board, conflict.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Cheating")]
    [InlineData("-cheating")]
    [InlineData("he copied it")]
    [InlineData("cheating\n")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void Refuses_a_reason_in_words(string reason)
    {
        var stream = FoundationsPassed();
        Assert.Equal("reason", AttemptRules.Void(stream.Transcript, stream.Last, reason, null, Day(9)).Refusal<Refusal.Invalid>().Field);
    }
}
