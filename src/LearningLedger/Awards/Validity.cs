using NodaTime;
using NodaTime.Text;

namespace LearningLedger.Awards;

/// <summary>How long an award lasts: ISO 8601 durations in the UTC calendar, where a year after 29 February is 28 February.</summary>
public static class Validity
{
    /// <summary>The end of what begins at <paramref name="start"/>.</summary>
    /// <param name="start">UTC.</param>
    /// <param name="validFor">An ISO 8601 duration such as <c>P3Y</c>, <c>P6M</c>, <c>P1W</c>, <c>PT12H</c>; null: no end.</param>
    /// <param name="end">The end, UTC, whole microseconds; null if there is none.</param>
    /// <returns>False if it is no duration, does not reach beyond the start, or leads out of the calendar (year 9999).</returns>
    public static bool TryEnd(DateTimeOffset start, string? validFor, out DateTimeOffset? end)
    {
        end = null;
        if (validFor is null)
        {
            return true;
        }

        if (PeriodPattern.NormalizingIso.Parse(validFor) is not { Success: true, Value: var period })
        {
            return false;
        }

        try
        {
            var local = LocalDateTime.FromDateTime(start.UtcDateTime).Plus(period);
            end = LedgerJson.Microseconds(new DateTimeOffset(local.ToDateTimeUnspecified(), TimeSpan.Zero));
        }
        catch (Exception outOfCalendar) when (outOfCalendar is OverflowException or ArgumentException or InvalidOperationException)
        {
            return false;
        }

        return end > start;
    }
}
