using System.Net;
using Microsoft.AspNetCore.Components;

namespace LearningLedger.Service.Pages.Cohorts;

/// <summary>Text in a drawing: Razor takes the element's name for a word of its own.</summary>
public static class Svg
{
    /// <summary>A line of text.</summary>
    public static MarkupString Text(string x, string y, string text, string kind, string anchor, int down = 0) => new(
        $"<text x=\"{x}\" y=\"{y}\" dy=\"{down}\" class=\"{kind}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(text)}</text>");
}
