using LearningLedger.Service.Host;
using LearningLedger.Service.Log;

namespace LearningLedger.Service.Tests.Log;

/// <summary>When the logs step back for platforms that post at full speed.</summary>
public class SequencingTests
{
    private static readonly TimeSpan Worked = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    [Fact]
    public void While_more_is_recorded_than_is_logged_two_thirds_of_the_time_are_left_to_platforms() =>
        Assert.Equal(2 * Worked, Sequencing.PauseAfter(Worked, logged: 2_500, recorded: 3_000, Fresh));

    [Fact]
    public void What_a_burst_left_lying_is_logged_without_a_pause() =>
        Assert.Equal(TimeSpan.Zero, Sequencing.PauseAfter(Worked, logged: 2_500, recorded: 2_500, Fresh));

    [Fact]
    public void An_event_that_has_waited_long_is_not_made_to_wait_longer() =>
        Assert.Equal(TimeSpan.Zero, Sequencing.PauseAfter(Worked, logged: 2_500, recorded: 30_000, Limits.LoggedLate));

    [Fact]
    public void Receipts_promise_more_time_than_a_burst_may_take() => Assert.True(Limits.LoggedLate * 3 < Limits.LoggedWithin);
}
