using System.Buffers;
using System.Text.Json;
using LearningLedger.Service.Intake;

namespace LearningLedger.Service.Tests.Intake;

public class AnswerJsonTests
{
    private static readonly Receipt One = new("https://lms.example/é+<\"", "a&b'\u2028", Guid.Parse("00000000-0000-4000-8000-00000000000a"), Guid.Empty, 3, Receipt.Accepted)
    {
        Recorded = DateTimeOffset.UnixEpoch,
        Sent = [1, 2, 3],
    };

    [Theory]
    [InlineData(null)]
    [InlineData("signed\n")]
    public void Answers_are_in_the_ledgers_dialect(string? signed)
    {
        var answer = new PostEventsAnswer(1, 1, [One, One with { Status = Receipt.Duplicate }], signed);
        var written = new ArrayBufferWriter<byte>();
        AnswerJson.Write(written, answer, AnswerJson.Default.PostEventsAnswer);

        Assert.Equal(JsonSerializer.SerializeToUtf8Bytes(answer, LedgerJson.Options), written.WrittenSpan);
    }

    [Fact]
    public void Lines_of_a_stream_are_in_the_ledgers_dialect()
    {
        foreach (var line in (ChunkRecorded[])[new(1, 1, 2, 2, 0, null), new(2, 3, 4, 1, 1, [One, One], "signed\n")])
        {
            var written = new ArrayBufferWriter<byte>();
            AnswerJson.Write(written, line, AnswerJson.Default.ChunkRecorded);

            Assert.Equal(JsonSerializer.SerializeToUtf8Bytes(line, LedgerJson.Options), written.WrittenSpan);
        }
    }
}
