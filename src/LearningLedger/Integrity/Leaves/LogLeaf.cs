using System.Text.Json;

namespace LearningLedger.Integrity;

/// <summary>One leaf of a tenant's log. Its bytes are the RFC 8785 form of an object without personal data; member <c>k</c> tells the kind.</summary>
/// <param name="At">When what it tells of was recorded, UTC, whole microseconds.</param>
/// <param name="Tenant">The tenant whose log it lies in.</param>
public abstract record LogLeaf(DateTimeOffset At, string Tenant)
{
    /// <summary>Version of the leaf formats; member <c>v</c>.</summary>
    public const int FormatVersion = 1;

    /// <summary>How times are written: UTC, six decimals.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>The leaf's bytes.</summary>
    public abstract byte[] Bytes();

    /// <summary>Reads a leaf; takes exactly the bytes that <see cref="Bytes"/> gives.</summary>
    /// <exception cref="LeafException">Not a leaf of a known kind in its one form.</exception>
    public static LogLeaf Parse(ReadOnlySpan<byte> bytes)
    {
        // Nearly all leaves are events, and a log is read at hundreds of thousands a second.
        if (EventLeaf.TryRead(bytes) is { } leaf)
        {
            return leaf;
        }

        LogLeaf? other;
        try
        {
            var reader = new Utf8JsonReader(bytes);
            using var document = JsonDocument.ParseValue(ref reader);
            other = NoticeLeaves.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or CanonicalJsonException)
        {
            throw new LeafException($"A leaf cannot be read: {e.Message}");
        }

        return other is not null && bytes.SequenceEqual(other.Bytes()) ? other : throw new LeafException("A leaf is of no known kind, or not written in its one form.");
    }

    /// <summary>The time as leaves write it.</summary>
    internal static string Text(DateTimeOffset time) => string.Create(27, time.UtcDateTime, static (text, utc) =>
    {
        // The round-trip format has a seventh decimal, and is written several times as fast as a format that has to be read first.
        Span<char> precise = stackalloc char[28];
        utc.TryFormat(precise, out _, "O", System.Globalization.CultureInfo.InvariantCulture);
        precise[..26].CopyTo(text);
        text[26] = 'Z';
    });
}

/// <summary>Bytes are not a leaf.</summary>
/// <param name="message">Why.</param>
public sealed class LeafException(string message) : Exception(message);
