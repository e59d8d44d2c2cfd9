using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Attempts;

public class SkillAttemptsTests
{
    [Fact]
    public void A_skill_never_tried_has_no_counting_attempt()
    {
        var none = NewLearner().Transcript.AttemptsAt("linux");
        Assert.Empty(none.All);
        Assert.Null(none.Best);
        Assert.Null(none.Latest);
        Assert.Null(none.First);
    }

    [Fact]
    public void Best_is_the_highest_score()
    {
        var attempts = NewLearner().Attempted("linux", 0.5m, 1).Attempted("linux", 0.9m, 2).Attempted("linux", 0.7m, 3).Transcript.AttemptsAt("linux");
        Assert.Equal(0.9m, attempts.Best!.Score);
    }

    [Fact]
    public void Of_equal_scores_the_earliest_occurred_is_best_however_late_it_was_delivered()
    {
        var stream = NewLearner().Attempted("linux", 0.9m, 5).Attempted("linux", 0.90m, 2);
        Assert.Equal(stream.Last, stream.Transcript.AttemptsAt("linux").Best!.At.EventId);
    }

    [Fact]
    public void Of_equal_scores_and_times_the_first_recorded_is_best()
    {
        var stream = NewLearner().Attempted("linux", 0.9m, 5).Attempted("linux", 0.9m, 5);
        Assert.Equal(stream.Id(2), stream.Transcript.AttemptsAt("linux").Best!.At.EventId);
    }

    [Fact]
    public void Latest_and_first_go_by_occurred_then_sequence()
    {
        var stream = NewLearner().Attempted("linux", 0.1m, 5).Attempted("linux", 0.2m, 2).Attempted("linux", 0.3m, 5).Attempted("linux", 0.4m, 2);
        var attempts = stream.Transcript.AttemptsAt("linux");
        Assert.Equal(0.3m, attempts.Latest!.Score);
        Assert.Equal(0.2m, attempts.First!.Score);
    }

    [Fact]
    public void A_voided_attempt_stays_in_the_list_and_counts_nowhere()
    {
        var stream = NewLearner().Attempted("linux", 0.4m, 1).Attempted("linux", 0.9m, 2);
        var attempts = stream.Voided(stream.Last).Transcript.AttemptsAt("linux");
        Assert.Equal(2, attempts.All.Count);
        Assert.Equal(1, attempts.Voided);
        Assert.Equal(0.4m, attempts.Best!.Score);
        Assert.Equal(0.4m, attempts.Latest!.Score);
        Assert.Equal(0.4m, attempts.First!.Score);
    }
}
