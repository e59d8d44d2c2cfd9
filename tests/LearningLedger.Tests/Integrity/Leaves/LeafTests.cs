using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Leaves;

public class LeafTests
{
    private static readonly Guid Event = new("0ce65e4c-5f5a-5c1c-8f4f-7a6b2f3d9c01");
    private static readonly Guid Stream = new("5b1c9f2e-0000-4a2b-9c3d-111122223333");
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_560);

    internal static EventLeaf Leaf { get; } = new(
        At, TreeHash.Leaf("x"u8), PayloadEncoding.Jcs, Event, EventLeafKind.Event, 12, Stream, "default", "skill.attempted");

    [Fact]
    public void Writes_an_event_as_canonical_JSON()
    {
        var text = Encoding.UTF8.GetString(Leaf.Bytes());

        Assert.Equal(
            $$"""{"at":"2026-03-01T12:00:00.123456Z","c":"{{TreeHash.Leaf("x"u8)}}","enc":"jcs","id":"{{Event}}","k":"event","n":12,"s":"{{Stream}}","t":"default","type":"skill.attempted","v":1}""",
            text);
        Assert.Equal(text, Encoding.UTF8.GetString(CanonicalJson.Bytes(Leaf.Bytes())));
    }

    public static TheoryData<LogLeaf> Kinds => [
        Leaf,
        Leaf with { Kind = EventLeafKind.Erasure, Type = "learner.erased", Encoding = PayloadEncoding.PgText, Version = 9_007_199_254_740_992 },
        new HeadsLeaf(At, "acme-2", 70_000, TreeHash.Empty, 41),
        new EpochLeaf(At, "default", "old.example/log\n3\nabc\n\n\u2014 old.example/log xyz\n"),
        new ReportLeaf(At, "default", TreeHash.Empty, Event, 0, "funnel/1"),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reads_back_every_kind(LogLeaf leaf)
    {
        Assert.Equal(leaf, LogLeaf.Parse(leaf.Bytes()));
        Assert.Equal(Encoding.UTF8.GetString(leaf.Bytes()), Encoding.UTF8.GetString(CanonicalJson.Bytes(leaf.Bytes())));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Takes_no_byte_more_less_or_other_for_the_same_leaf(LogLeaf leaf)
    {
        var bytes = leaf.Bytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 0x20; // the other case of a letter, a space for a NUL
            Refused(changed, leaf);
            Refused([.. bytes[..i], .. bytes[(i + 1)..]], leaf);
            Refused([.. bytes[..i], (byte)' ', .. bytes[i..]], leaf);
        }

        Refused([.. bytes, (byte)'\n'], leaf);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("""{"at":null,"k":"epoch","note":"x","t":"default","v":1}""")]
    [InlineData("""{"at":"2026-03-01T12:00:00.123456Z","k":"other","t":"default","v":1}""")]
    [InlineData("""{"at":"2026-03-01T12:00:00.123456Z","k":"epoch","note":7,"t":"default","v":1}""")]
    [InlineData("""{"at":"2026-03-01T12:00:00.123456Z","k":"epoch","note":"x","t":"default","v":2}""")]
    [InlineData("""{"at":"2026-03-01T12:00:00Z","k":"epoch","note":"x","t":"default","v":1}""")]
    public void Refuses_what_is_no_leaf(string text) => Assert.Throws<LeafException>(() => LogLeaf.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Holds_no_name_that_would_have_to_be_escaped() => Assert.Throws<LeafException>(() => (Leaf with { Type = "a\"b" }).Bytes());

    [Fact]
    public void Commits_to_salt_and_content_as_documented()
    {
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var salt = new byte[32];
        Commitment.Salt(key, Event, salt);

        Assert.Equal(HMACSHA256.HashData(key, Convert.FromHexString("0ce65e4c5f5a5c1c8f4f7a6b2f3d9c01")), salt);
        Assert.Equal(SHA256.HashData([.. "ll-commit-v1\0"u8, .. salt, .. "{}"u8]), Commitment.Of(salt, "{}"u8).ToArray());
        Assert.Throws<ArgumentException>(() => Commitment.Of(salt.AsSpan(1), "{}"u8));
        Assert.Throws<ArgumentException>(() => Commitment.Salt(key.AsSpan(1), Event, salt));
    }

    [Fact]
    public void Writes_content_as_canonical_JSON_of_five_members()
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(PayloadEncoding.Jcs, EventPayload.Write(output, """{"skill": "x", "score": 0.50}"""u8.ToArray(), """{"source": "s", "actor": "key:a"}"""u8.ToArray(), "c\u00e9", null, "u"));
        Assert.Equal(
            """{"causation":null,"correlation":"cé","data":{"score":0.5,"skill":"x"},"headers":{"actor":"key:a","source":"s"},"user":"u"}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal(output.WrittenSpan.ToArray(), CanonicalJson.Bytes(output.WrittenSpan));
    }

    [Fact]
    public void Takes_the_text_where_no_double_holds_a_number_and_still_gives_canonical_JSON()
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("kept"u8);

        Assert.Equal(PayloadEncoding.PgText, EventPayload.Write(output, """{"n": 0.10000000000000000001}"""u8.ToArray(), default, null, "c", null));
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Equal("""kept{"causation":"c","correlation":null,"data":"{\"n\": 0.10000000000000000001}","headers":null,"user":null}""", text);
        Assert.Equal(text[4..], Encoding.UTF8.GetString(CanonicalJson.Bytes(output.WrittenSpan[4..])));
    }

    private static void Refused(byte[] bytes, LogLeaf leaf)
    {
        try
        {
            // Another letter in a hash or a name is another leaf, never another spelling of the same.
            Assert.NotEqual(leaf, LogLeaf.Parse(bytes));
        }
        catch (LeafException)
        {
        }
    }
}
