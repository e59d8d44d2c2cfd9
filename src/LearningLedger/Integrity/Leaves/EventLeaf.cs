using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
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

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

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
            $$"""{"at":"{{At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}}","c":"{{Commitment.ToString()}}","enc":"{{enc}}","id":"{{EventId}}","k":"{{k}}","n":{{Version}},"s":"{{Stream}}","t":"{{Tenant}}","type":"{{Type}}","v":1}""",
            out var written);
        output.Advance(written);
    }

    /// <summary>Reads an event's leaf; null if the bytes are something else.</summary>
    internal static EventLeaf? TryRead(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        if (!Take(ref rest, "{\"at\":\""u8, out var at) || !Take(ref rest, "\",\"c\":\""u8, out var c) || !Take(ref rest, "\",\"enc\":\""u8, out var enc)
            || !Take(ref rest, "\",\"id\":\""u8, out var id) || !Take(ref rest, "\",\"k\":\""u8, out var k) || !Take(ref rest, "\",\"n\":"u8, out var n)
            || !Take(ref rest, ",\"s\":\""u8, out var s) || !Take(ref rest, "\",\"t\":\""u8, out var t) || !Take(ref rest, "\",\"type\":\""u8, out var type)
            || !TryTime(at, out var time) || !TreeHash.TryParse(c, out var commitment) || !Utf8Parser.TryParse(id, out Guid eventId, out _)
            || !Utf8Parser.TryParse(n, out long version, out _) || version < 1 || !Utf8Parser.TryParse(s, out Guid stream, out _))
        {
            return null;
        }

        var leaf = new EventLeaf(
            time, commitment, enc.SequenceEqual("jcs"u8) ? PayloadEncoding.Jcs : PayloadEncoding.PgText, eventId,
            k.SequenceEqual("event"u8) ? EventLeafKind.Event : EventLeafKind.Erasure, version, stream,
            System.Text.Encoding.Latin1.GetString(t), System.Text.Encoding.Latin1.GetString(type));

        // Only the one form counts: whatever was read loosely above differs once it is written again.
        return Rewritten(leaf, bytes) ? leaf : null;
    }

    private static bool Rewritten(EventLeaf leaf, ReadOnlySpan<byte> bytes)
    {
        if (leaf.Tenant.AsSpan().ContainsAnyExcept(NameCharacters) || leaf.Type.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        again ??= new ArrayBufferWriter<byte>(2 * BytesBesidesNames);
        again.ResetWrittenCount();
        leaf.Write(again);
        return bytes.SequenceEqual(again.WrittenSpan);
    }

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? again;

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
        if (end < 0)
        {
            return false;
        }

        value = rest[..end];
        rest = rest[end..];
        return true;
    }

    private static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        Span<char> chars = stackalloc char[32];
        return text.Length <= chars.Length && Ascii.ToUtf16(text, chars, out var length) == OperationStatus.Done
            && DateTimeOffset.TryParseExact(
                chars[..length], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
