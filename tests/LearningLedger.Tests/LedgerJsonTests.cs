using System.Text.Json;
using CsCheck;
using LearningLedger.Events;

namespace LearningLedger.Tests;

public class LedgerJsonTests
{
    [Fact]
    public void Writes_times_in_UTC_with_six_decimals()
    {
        var time = new DateTimeOffset(2025, 9, 1, 10, 0, 0, TimeSpan.FromHours(2)).AddTicks(1_234_567);

        Assert.Equal("\"2025-09-01T08:00:00.123456Z\"", JsonSerializer.Serialize(time, LedgerJson.Options));
    }

    [Theory]
    [InlineData("2025-09-01T08:00:00Z", "2025-09-01T08:00:00.000000Z")]
    [InlineData("2025-09-01T08:00:00.1234569Z", "2025-09-01T08:00:00.123456Z")]
    [InlineData("2025-09-01T10:00:00.5+02:00", "2025-09-01T08:00:00.500000Z")]
    [InlineData("2025-09-01T03:00:00-05:00", "2025-09-01T08:00:00.000000Z")]
    public void Reads_times_with_their_offset(string given, string expected) =>
        Assert.Equal(expected, LedgerJson.Text(JsonSerializer.Deserialize<DateTimeOffset>($"\"{given}\"", LedgerJson.Options)));

    [Theory]
    [InlineData("\"2025-09-01T08:00:00\"")]
    [InlineData("\"2025-09-01\"")]
    [InlineData("\"2025-13-01T08:00:00Z\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("1756713600")]
    public void Refuses_a_time_that_would_mean_something_else_on_another_machine(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DateTimeOffset>(json, LedgerJson.Options));

    [Fact]
    public void Reads_back_every_time_it_writes() =>
        Gen.DateTimeOffset.Sample(time =>
        {
            var cut = LedgerJson.Microseconds(time);
            Assert.Equal(cut, JsonSerializer.Deserialize<DateTimeOffset>(JsonSerializer.Serialize(time, LedgerJson.Options), LedgerJson.Options));
        });

    [Theory]
    [InlineData("""{"skill":"x","skill":"y","score":1}""")]
    [InlineData("""{"skill":"x","score":"1"}""")]
    public void Refuses_duplicate_members_and_numbers_in_quotes(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SkillAttempted>(json, LedgerJson.Options));

    [Fact]
    public void Keeps_a_score_as_the_decimal_it_was() =>
        Gen.Decimal[0m, 1m].Sample(score =>
        {
            var body = new SkillAttempted("x", score);
            Assert.Equal(body, JsonSerializer.Deserialize<SkillAttempted>(JsonSerializer.Serialize(body, LedgerJson.Options), LedgerJson.Options));
        });
}
