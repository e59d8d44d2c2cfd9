using System.Globalization;

namespace LearningLedger.Xapi;

/// <summary>Which language a reader is shown.</summary>
public static class Languages
{
    private const int MostRanges = 50;

    /// <summary>The language ranges of an <c>Accept-Language</c> header, best first (RFC 9110, section 12.5.4); what cannot be read is left out.</summary>
    public static IReadOnlyList<string> Accepted(string? header)
    {
        var ranges = new List<(string Tag, double Quality)>();
        foreach (var part in (header ?? "").Split(',').Take(MostRanges))
        {
            var pieces = part.Split(';', 2, StringSplitOptions.TrimEntries);
            var quality = 1.0;
            if (pieces.Length == 2 && (!pieces[1].StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                || !double.TryParse(pieces[1].AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out quality)))
            {
                continue;
            }

            if (quality > 0 && pieces[0].Length > 0)
            {
                ranges.Add((pieces[0], quality));
            }
        }

        return [.. ranges.OrderByDescending(r => r.Quality).Select(r => r.Tag)];
    }

    /// <summary>The tag to show: the first range that some tag matches (RFC 4647, section 3.4), else English, else the first there is.</summary>
    /// <returns>Null when there is no tag.</returns>
    public static string? Best(IEnumerable<string> tags, IReadOnlyList<string> accepted)
    {
        var all = tags.ToList();
        foreach (var range in accepted)
        {
            for (var prefix = range; prefix.Length > 0; prefix = prefix.LastIndexOf('-') is var cut and > 0 ? prefix[..cut] : "")
            {
                var match = all.Find(t => t.Equals(prefix, StringComparison.OrdinalIgnoreCase))
                    ?? all.Find(t => t.StartsWith(prefix + "-", StringComparison.OrdinalIgnoreCase));
                if (match is not null)
                {
                    return match;
                }
            }
        }

        return all.Find(t => t.Equals("en", StringComparison.OrdinalIgnoreCase) || t.StartsWith("en-", StringComparison.OrdinalIgnoreCase)) ?? all.FirstOrDefault();
    }
}
