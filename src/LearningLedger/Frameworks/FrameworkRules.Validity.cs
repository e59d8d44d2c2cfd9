using System.Globalization;
using System.Text.RegularExpressions;

namespace LearningLedger.Frameworks;

/// <content>How long an award may stand.</content>
public static partial class FrameworkRules
{
    /// <summary>So that no award's end can fall beyond the calendar, whatever its unit.</summary>
    private const double MostDays = 100 * 366;

    // Whole, unsigned amounts with few digits: no calendar, and no reader of a framework, gets anything else to interpret.
    [GeneratedRegex(
        @"\AP(?=[0-9T])(?:(?<y>[0-9]{1,5})Y)?(?:(?<m>[0-9]{1,5})M)?(?:(?<w>[0-9]{1,5})W)?(?:(?<d>[0-9]{1,5})D)?"
        + @"(?:T(?=[0-9])(?:(?<h>[0-9]{1,6})H)?(?:(?<min>[0-9]{1,8})M)?(?:(?<s>[0-9]{1,9})S)?)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Validity();

    private static bool IsValidity(string text)
    {
        var match = Validity().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var days = (Of("y") * 366) + (Of("m") * 31) + (Of("w") * 7) + Of("d") + (Of("h") / 24) + (Of("min") / 1_440) + (Of("s") / 86_400);
        return days is > 0 and <= MostDays;

        double Of(string unit) => match.Groups[unit] is { Success: true } g ? double.Parse(g.Value, CultureInfo.InvariantCulture) : 0;
    }
}
