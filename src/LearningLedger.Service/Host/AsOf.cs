using System.Globalization;
using System.Text.Json;

namespace LearningLedger.Service.Host;

/// <summary>A point of the ledger's history, as a request names it: <c>seq:N</c>, or a time.</summary>
/// <param name="Sequence">Everything up to this global order number; null when a time is named.</param>
/// <param name="Time">Everything recorded by this time, UTC, whole microseconds; null when a sequence is named.</param>
public sealed record AsOf(long? Sequence, DateTimeOffset? Time)
{
    /// <summary>What a request may say.</summary>
    public const string Rule = "asOf must be seq:N with N a ledger sequence, or an RFC 3339 time such as 2026-05-01T12:00:00Z ('+' of an offset is %2B in a URL).";

    private const string SequencePrefix = "seq:";

    /// <summary>Reads the query parameter; null when it is neither form.</summary>
    public static AsOf? Parse(string text)
    {
        if (text.StartsWith(SequencePrefix, StringComparison.Ordinal))
        {
            return long.TryParse(text.AsSpan(SequencePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? new AsOf(sequence, null) : null;
        }

        return ParseTime(text) is { } time ? new AsOf(null, time) : null;
    }

    /// <summary>An RFC 3339 time, cut to whole microseconds, the resolution of the ledger; null when it is none.</summary>
    public static DateTimeOffset? ParseTime(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<DateTimeOffset>(JsonSerializer.Serialize(text, LedgerJson.Options), LedgerJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Why the ledger cannot answer for this point; null when it can.</summary>
    /// <param name="sequence">The ledger's last sequence number.</param>
    /// <param name="clock">The database's clock.</param>
    public IResult? Ahead(long sequence, DateTimeOffset clock)
    {
        if (Sequence > sequence)
        {
            return Problems.BadRequest($"asOf names sequence {Sequence}; the ledger has come to {sequence}. What is not there yet may still change.");
        }

        return Time > clock ? Problems.BadRequest($"asOf lies ahead of the ledger's clock, {LedgerJson.Text(clock)}. What has not happened yet may still change.") : null;
    }
}
