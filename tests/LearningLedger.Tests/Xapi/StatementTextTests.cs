using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Xapi;
using static LearningLedger.Tests.Xapi.Statements;

namespace LearningLedger.Tests.Xapi;

public class StatementTextTests
{
    private const string Authority = """{"account":{"homePage":"https://lrs.example","name":"k"}}""";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, 125, TimeSpan.Zero);

    [Fact]
    public void Keeps_every_value_and_adds_what_a_store_must_add()
    {
        var kept = JsonNode.Parse(Kept(Least, XapiVersion.Two))!.AsObject();

        Assert.Equal(Id, kept["id"]!.GetValue<string>());
        Assert.Equal("2.0.0", kept["version"]!.GetValue<string>());
        Assert.Equal(Authority, kept["authority"]!.ToJsonString());
        Assert.Equal(6, kept.Count);
    }

    [Fact]
    public void A_statement_without_a_time_gets_the_time_it_was_stored() =>
        Assert.Equal(
            "2026-03-01T09:30:00.125000Z",
            JsonNode.Parse(StatementText.WithTimestamp(Encoding.UTF8.GetBytes(Kept(Least, XapiVersion.One)), Now))!["timestamp"]!.GetValue<string>());

    [Fact]
    public void Takes_the_posters_word_for_time_and_version_but_not_for_authority_and_stored()
    {
        var kept = JsonNode.Parse(Kept(Full, XapiVersion.One))!;

        Assert.Equal("2026-03-01T09:30:00.5+01:00", kept["timestamp"]!.GetValue<string>());
        Assert.Equal("1.0.3", kept["version"]!.GetValue<string>());
        Assert.Equal(Authority, kept["authority"]!.ToJsonString());
        Assert.Null(kept["stored"]);
        Assert.Equal("https://example.com/course", kept["context"]!["contextActivities"]!["parent"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public void Version_two_gives_times_in_utc() =>
        Assert.Equal("2026-03-01T08:30:00.5Z", JsonNode.Parse(Kept(Full, XapiVersion.Two))!["timestamp"]!.GetValue<string>());

    [Fact]
    public void A_time_with_a_blank_is_a_time()
    {
        var statement = Least.Replace("\"verb\"", """ "timestamp":"2026-03-01 09:30:00.5Z","verb" """, StringComparison.Ordinal);

        Assert.Equal(new DateTimeOffset(2026, 3, 1, 9, 30, 0, 500, TimeSpan.Zero), StatementText.Timestamp(Parse(statement)));
        Assert.Equal("2026-03-01T09:30:00.5Z", JsonNode.Parse(Kept(statement, XapiVersion.Two))!["timestamp"]!.GetValue<string>());
    }

    [Fact]
    public void A_statement_read_back_says_the_same_as_the_one_posted()
    {
        var output = new ArrayBufferWriter<byte>();
        StatementText.WriteExact(output, Encoding.UTF8.GetBytes(Kept(Full, XapiVersion.One)), Now);
        var back = JsonDocument.Parse(output.WrittenMemory).RootElement;

        Assert.Empty(StatementRules.Faults(back, XapiVersion.One));
        Assert.Equal(StatementComparison.Of(Parse(Full)), StatementComparison.Of(back));
        Assert.Equal("2026-03-01T09:30:00.125000Z", back.GetProperty("stored").GetString());
    }

    [Fact]
    public void A_number_keeps_its_letters() =>
        Assert.Contains("1.10e1", Kept(Least.Replace("\"verb\"", """ "result":{"score":{"raw":1.10e1}},"verb" """, StringComparison.Ordinal), XapiVersion.One), StringComparison.Ordinal);

    private static string Kept(string statement, XapiVersion version) =>
        Encoding.UTF8.GetString(StatementText.Kept(Parse(statement), version, Guid.Parse(Id), Encoding.UTF8.GetBytes(Authority)));
}
