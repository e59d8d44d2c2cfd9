using LearningLedger.Service.Host;

namespace LearningLedger.Service.Store;

/// <summary>
/// How long to rest before looking again what was recorded. A round costs what it costs, however few events it finds: while many come, a few large
/// rounds leave more to those who post than many small ones.
/// </summary>
/// <param name="calm">The rest while few come.</param>
internal sealed class BusyPace(TimeSpan calm)
{
    private DateTimeOffset last;

    /// <summary>The rest after a round.</summary>
    /// <param name="events">Events the round found, recorded since the one before.</param>
    /// <param name="at">When it found them.</param>
    public TimeSpan After(long events, DateTimeOffset at)
    {
        var isBusy = events > Limits.BusyRate * (at - last).TotalSeconds;
        last = at;
        return isBusy ? Limits.BusyGlance : calm;
    }
}
