using LearningLedger.Awards;

namespace LearningLedger.Tests.Awards;

public class ValidityTests
{
    [Theory]
    [InlineData("2026-03-01T10:00:00Z", "P3Y", "2029-03-01T10:00:00Z")]
    [InlineData("2024-02-29T10:00:00Z", "P1Y", "2025-02-28T10:00:00Z")]
    [InlineData("2024-02-29T10:00:00Z", "P4Y", "2028-02-29T10:00:00Z")]
    [InlineData("2026-08-31T00:00:00Z", "P6M", "2027-02-28T00:00:00Z")]
    [InlineData("2026-12-28T00:00:00Z", "P1W", "2027-01-04T00:00:00Z")]
    [InlineData("2026-12-31T18:00:00Z", "PT12H", "2027-01-01T06:00:00Z")]
    [InlineData("2026-01-31T00:00:00Z", "P1Y1M1DT1H1M1S", "2027-03-01T01:01:01Z")]
    [InlineData("2026-01-01T00:00:00Z", "PT0.5S", "2026-01-01T00:00:00.5Z")]
    public void Adds_by_the_calendar(string start, string validFor, string end)
    {
        Assert.True(Validity.TryEnd(At(start), validFor, out var actual));
        Assert.Equal(At(end), actual);
    }

    [Fact]
    public void No_duration_is_no_end()
    {
        Assert.True(Validity.TryEnd(At("2026-01-01T00:00:00Z"), null, out var end));
        Assert.Null(end);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3 years")]
    [InlineData("P")]
    [InlineData("P0D")]
    [InlineData("P-1Y")]
    [InlineData("P9999Y")]
    [InlineData("P99999999999999999999Y")]
    [InlineData("PT9223372036854775807H")]
    public void Refuses_what_never_ends_or_never_begins(string validFor) =>
        Assert.False(Validity.TryEnd(At("2026-01-01T00:00:00Z"), validFor, out _));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
