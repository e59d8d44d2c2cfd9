using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LearningLedger.Service.Host;

/// <summary>What ties events of one piece of work together: the header <c>X-Correlation-ID</c>, else the trace id.</summary>
public static partial class Correlation
{
    /// <summary>The rule, for people.</summary>
    public const string Rule = "X-Correlation-ID must be 1 to 128 of A-Z, a-z, 0-9, '.', '_' and '-'.";

    /// <summary>The id of a request; false when the header breaks the <see cref="Rule"/>.</summary>
    public static bool TryRead(HttpContext context, out string? id)
    {
        string? header = context.Request.Headers["X-Correlation-ID"];
        id = string.IsNullOrEmpty(header) ? Activity.Current?.TraceId.ToHexString() : header;
        return string.IsNullOrEmpty(header) || Form().IsMatch(header);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
