using LearningLedger.Service.Host;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Tests.Store;

public class BusyPaceTests
{
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(50);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly BusyPace pace = new(Calm);

    [Fact]
    public void Many_events_at_once_after_a_quiet_time_are_no_reason_to_look_seldom()
    {
        Assert.Equal(Calm, pace.After(5_000, Start));
        Assert.Equal(Calm, pace.After(5_000, Start.AddSeconds(10)));
    }

    [Fact]
    public void While_many_come_rounds_are_few_until_they_no_longer_do()
    {
        pace.After(0, Start);
        Assert.Equal(Limits.BusyGlance, pace.After(Limits.BusyRate, Start.AddMilliseconds(999)));
        Assert.Equal(Limits.BusyGlance, pace.After(Limits.BusyRate, Start.AddMilliseconds(1_500)));
        Assert.Equal(Calm, pace.After(Limits.BusyRate / 2, Start.AddMilliseconds(2_000)));
        Assert.Equal(Calm, pace.After(1, Start.AddMilliseconds(2_050)));
    }
}
