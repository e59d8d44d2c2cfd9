namespace LearningLedger.Service.Xapi;

/// <summary><c>If-Match</c> and <c>If-None-Match</c> (RFC 9110, section 13.1), by the tag of what is there.</summary>
internal static class Preconditions
{
    /// <summary>Whether the request gives any.</summary>
    public static bool Given(HttpRequest request) => request.Headers.IfMatch.Count > 0 || request.Headers.IfNoneMatch.Count > 0;

    /// <summary>Whether those it gives hold.</summary>
    /// <param name="request">The request.</param>
    /// <param name="current">The tag of what is there; null when nothing is.</param>
    public static bool Hold(HttpRequest request, string? current)
    {
        // A tag without quotes is no tag, but common; it is taken for what it means.
        if (request.Headers.IfMatch is { Count: > 0 } match && !Names(match.ToString(), current))
        {
            return false;
        }

        return request.Headers.IfNoneMatch is not { Count: > 0 } none || !Names(none.ToString(), current);
    }

    private static bool Names(string header, string? current)
    {
        if (current is null)
        {
            return false;
        }

        return header.Trim() == "*"
            || header.Split(',', StringSplitOptions.TrimEntries).Any(tag => (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"') == current.Trim('"'));
    }
}
