using System.Globalization;
using System.Text;
using LearningLedger.Awards;
using LearningLedger.Evidence;
using LearningLedger.Frameworks;

namespace LearningLedger.Service.Pages.Layout;

/// <summary>Numbers, times and states in words, the same on every page. Times are UTC.</summary>
public static class Wording
{
    /// <summary>To the minute: <c>5 Jan 2026, 10:00 UTC</c>.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The day in UTC: <c>5 Jan 2026</c>.</summary>
    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A count with thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A score 0 to 1 as it is stored.</summary>
    public static string Score(decimal score) => score.ToString("0.00##", CultureInfo.InvariantCulture);

    /// <summary>A share 0 to 1 in per cent with one decimal; a dash when there is none.</summary>
    public static string Percent(decimal? share) => share is { } s ? (100 * s).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>Bytes.</summary>
    public static string Size(long bytes) => bytes < 1024 ? $"{bytes} bytes" : bytes < 1024 * 1024
        ? (bytes / 1024m).ToString("0.0", CultureInfo.InvariantCulture) + " KiB"
        : (bytes / 1024m / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " MiB";

    /// <summary>One and many.</summary>
    public static string Of(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>Where an award stands, and how that looks.</summary>
    public static (string Text, string Tone) Award(AwardStatus status) => status switch
    {
        AwardStatus.Awarded => ("Awarded", "good"),
        AwardStatus.Suspended => ("Suspended", "warn"),
        AwardStatus.Revoked => ("Revoked", "bad"),
        _ => ("Expired", "warn"),
    };

    /// <summary>Where evidence stands, and how that looks.</summary>
    public static (string Text, string Tone) Evidence(EvidenceStatus status) => status switch
    {
        EvidenceStatus.Accepted => ("Accepted", "good"),
        EvidenceStatus.Rejected => ("Rejected", "bad"),
        EvidenceStatus.Withdrawn => ("Withdrawn", "warn"),
        _ => ("Open", "plain"),
    };

    /// <summary>A rule in sentences.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="titleOf">Title of a milestone by its code.</param>
    public static IEnumerable<string> Rule(AwardRule rule, Func<string, string> titleOf)
    {
        var attempt = rule.Attempts switch { CountingAttempts.Best => "best", CountingAttempts.Latest => "latest", _ => "first" };
        yield return $"The {attempt} attempt at every skill scores {Score(rule.PassingScore)} or more.";
        if (rule.Evidence.Minimum > 0)
        {
            var text = new StringBuilder(Of(rule.Evidence.Minimum, "accepted piece", "accepted pieces")).Append(" of evidence");
            if (rule.Evidence.DistinctAssessors > 1)
            {
                text.Append(CultureInfo.InvariantCulture, $", by {rule.Evidence.DistinctAssessors} different assessors");
            }

            yield return text.Append('.').ToString();
        }

        if (rule.Requires.Count > 0)
        {
            yield return $"Builds on {string.Join(", ", rule.Requires.Select(titleOf))}.";
        }

        yield return rule.Decision == AwardDecision.Automatic
            ? "Awarded by the service as soon as the rule is met."
            : "Awarded by a person who reviewed none of the evidence.";
        yield return rule.ValidFor is { } duration ? $"Valid for {Duration(duration)}." : "Valid without end.";
    }

    /// <summary>What happened, by the stored name of an event.</summary>
    public static string Event(string type) => type switch
    {
        "learner.registered" => "Learner registered",
        "skill.attempted" => "Skill attempted",
        "attempt.voided" => "Attempt voided",
        "evidence.submitted" => "Evidence submitted",
        "evidence.reviewed" => "Evidence reviewed",
        "evidence.withdrawn" => "Evidence withdrawn",
        "milestone.awarded" => "Milestone awarded",
        _ when type.Split('.') is [var subject, var act] => $"{char.ToUpperInvariant(subject[0])}{subject[1..]} {act}",
        _ => type,
    };

    private static string Duration(string text)
    {
        if (text.Length > 2 && text[0] == 'P' && int.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return text[^1] switch { 'Y' => Of(count, "year", "years"), 'M' => Of(count, "month", "months"), 'W' => Of(count, "week", "weeks"), 'D' => Of(count, "day", "days"), _ => text };
        }

        return text;
    }
}
