using System.Text;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Tests.Store;

public class FingerprintTests
{
    [Fact]
    public void Is_the_HMAC_of_the_documented_text()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        var data = Encoding.UTF8.GetBytes("""{"score":0.85,"skill":"ünder"}""");

        var fingerprint = Fingerprint.Of(
            key, "skill.attempted", "0ce65e4c-5f5a-5c1c-8f4f-7a6b2f3d9c01", new DateTimeOffset(2026, 3, 1, 13, 0, 0, TimeSpan.FromHours(1)).AddMicroseconds(123_456), data);

        // Computed with another program, over {"data":{"score":0.85,"skill":"ünder"},"subject":"0ce6…","time":"2026-03-01T12:00:00.123456Z","type":"skill.attempted"}.
        Assert.Equal("rd9-BRJCArzN3eCYg7v7bAXY9bGqcTHZPyl14_NXNlc", fingerprint);
    }
}
