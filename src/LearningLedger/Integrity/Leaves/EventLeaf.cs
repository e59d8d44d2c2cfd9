using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace LearningLedger.Integrity;

/// <summary>What kind of event a leaf stands for.</summary>
public enum EventLeafKind
{
    /// <summary><c>event</c>: any event.</summary>
    Event,

    /// <summary><c>erasure</c>: the event that erases what came before it in its stream. From here on the contents of earlier versions are gone by right.</summary>
    Erasure,
}

/// <summary>The leaf of one event: <c>{at, c, enc, id, k, n, s, t, type, v}</c>.</summary>
/// <param name="At">The event's recorded time (<c>at</c>), UTC, whole microseconds.</param>
/// <param name="Commitment">The commitment to its content (<c>c</c>), see <see cref="Integrity.Commitment"/>.</param>
/// <param name="Encoding">How the content was turned into bytes (<c>enc</c>).</param>
/// <param name="EventId">The event (<c>id</c>).</param>
/// <param name="Kind">Its kind (<c>k</c>).</param>
/// <param name="Version">Its version in the stream, 1, 2, 3, ... (<c>n</c>).</param>
/// <param name="Stream">The stream (<c>s</c>).</param>
/// <param name="Tenant">The tenant (<c>t</c>): letters, digits and <c>. _ -</c>.</param>
/// <param name="Type">Stored name of the event (<c>type</c>): likewise.</param>
public sealed record EventLeaf(
    DateTimeOffset At, TreeHash Commitment, PayloadEncoding Encoding, Guid EventId, EventLeafKind Kind, long Version, Guid Stream, string Tenant, string Type)
    : LogLeaf(At, Tenant)
{
    private const int BytesBesidesNames = 320;
    private const int NamesKept = 16;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    [ThreadStatic]
    private static string[]? seen;

    /// <inheritdoc/>
    public override byte[] Bytes()
    {
        var output = new ArrayBufferWriter<byte>(BytesBesidesNames + Tenant.Length + Type.Length);
        Write(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Appends the leaf's bytes.</summary>
    /// <exception cref="LeafException">The name of tenant or type holds other characters.</exception>
    public void Write(IBufferWriter<byte> output)
    {
        if (Tenant.AsSpan().ContainsAnyExcept(NameCharacters) || Type.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new LeafException($"\"{Tenant}\" or \"{Type}\" is not a name a leaf can hold.");
        }

        var enc = Encoding == PayloadEncoding.Jcs ? "jcs" : "pg-text";
        var k = Kind == EventLeafKind.Event ? "event" : "erasure";
        var span = output.GetSpan(BytesBesidesNames + Tenant.Length + Type.Length);
        Utf8.TryWrite(
            span, CultureInfo.InvariantCulture,
            $$"""{"at":"{{Text(At)}}","c":"{{Commitment.ToString()}}","enc":"{{enc}}","id":"{{EventId}}","k":"{{k}}","n":{{Version}},"s":"{{Stream}}","t":"{{Tenant}}","type":"{{Type}}","v":1}""",
            out var written);
        output.Advance(written);
    }

    /// <summary>Reads an event's leaf; null if the bytes are anything but the one form of one.</summary>
    internal static EventLeaf? TryRead(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        return Take(ref rest, "{\"at\":\""u8, out var at) && TryTime(at, out var time)
            && Take(ref rest, "\",\"c\":\""u8, out var c) && TreeHash.TryParse(c, out var commitment)
            && Take(ref rest, "\",\"enc\":\""u8, out var enc) && IsEither(enc, "jcs"u8, "pg-text"u8, out var isJcs)
            && Take(ref rest, "\",\"id\":\""u8, out var id) && TryId(id, out var eventId)
            && Take(ref rest, "\",\"k\":\""u8, out var k) && IsEither(k, "event"u8, "erasure"u8, out var isEvent)
            && Take(ref rest, "\",\"n\":"u8, out var n) && TryVersion(n, out var version)
            && Take(ref rest, ",\"s\":\""u8, out var s) && TryId(s, out var stream)
            && Take(ref rest, "\",\"t\":\""u8, out var t) && TryName(t, out var tenant)
            && Take(ref rest, "\",\"type\":\""u8, out var y) && TryName(y, out var type)
            && rest.SequenceEqual("\",\"v\":1}"u8)
            ? new EventLeaf(
                time, commitment, isJcs ? PayloadEncoding.Jcs : PayloadEncoding.PgText, eventId, isEvent ? EventLeafKind.Event : EventLeafKind.Erasure, version,
                stream, tenant, type)
            : null;
    }

    /// <summary>Takes <paramref name="before"/> and the value behind it, up to the next quote or comma, off <paramref name="rest"/>.</summary>
    private static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> before, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!rest.StartsWith(before))
        {
            return false;
        }

        rest = rest[before.Length..];
        var end = rest.IndexOfAny((byte)'"', (byte)',');
        value = end < 0 ? rest : rest[..end];
        rest = rest[value.Length..];
        return true;
    }

    private static bool IsEither(ReadOnlySpan<byte> value, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out bool isFirst) =>
        (isFirst = value.SequenceEqual(first)) || value.SequenceEqual(second);

    private static bool TryId(ReadOnlySpan<byte> text, out Guid id) =>
        Utf8Parser.TryParse(text, out id, out var read) && read == text.Length && !text.ContainsAnyInRange((byte)'A', (byte)'F');

    private static bool TryVersion(ReadOnlySpan<byte> text, out long version) =>
        Utf8Parser.TryParse(text, out version, out var read) && read == text.Length && text[0] is >= (byte)'1' and <= (byte)'9';

    /// <summary>Reads a name. A log holds few of them, each very often: those seen last are kept, by thread.</summary>
    private static bool TryName(ReadOnlySpan<byte> text, out string name)
    {
        var kept = seen ??= new string[NamesKept];
        ref var place = ref kept[text.IsEmpty ? 0 : (text.Length + text[^1]) % NamesKept];
        if (place is not null && System.Text.Ascii.Equals(text, place))
        {
            name = place;
            return true;
        }

        name = System.Text.Encoding.Latin1.GetString(text);
        if (name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        place = name;
        return true;
    }

    private static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length != 27 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[26] != 'Z'
            || !Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day) || !Digits(text[11..13], out var hour)
            || !Digits(text[14..16], out var minute) || !Digits(text[17..19], out var second) || !Digits(text[20..26], out var micros)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero).AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return true;
    }
}
