using System.Text.Json;

namespace LearningLedger.Mappings;

/// <summary>Which statements of cmi5 content speak of a result (cmi5, Quartz edition, sections 9.3 to 9.6).</summary>
internal static class Cmi5
{
    private const string Category = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
    private const string MoveOn = "https://w3id.org/xapi/cmi5/context/categories/moveon";
    private const string Session = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
    private const string Mastery = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
    private const string Reason = "https://w3id.org/xapi/cmi5/result/extensions/reason";

    private static readonly string Passed = MappingRules.Verb("passed");
    private static readonly string Failed = MappingRules.Verb("failed");
    private static readonly string Completed = MappingRules.Verb("completed");
    private const string Waived = "https://w3id.org/xapi/adl/verbs/waived";
    private const string Satisfied = "https://w3id.org/xapi/adl/verbs/satisfied";

    /// <summary>Whether a statement may count: it is not of cmi5, or cmi5 lets it speak of a result.</summary>
    /// <remarks>
    /// <c>satisfied</c> follows from what was passed, completed or waived, and would count that twice. In a session, a statement outside cmi5's own
    /// category says what content likes; with cmi5's verbs it decides nothing.
    /// </remarks>
    public static bool MayCount(JsonElement statement, string verb)
    {
        var context = statement.TryGetProperty("context", out var given) ? given : default;
        var categories = StatementContext.Activities(context, "category").ToHashSet();
        if (!categories.Contains(Category))
        {
            return !StatementContext.Has(context, Session) || (verb != Passed && verb != Failed && verb != Completed && verb != Waived && verb != Satisfied);
        }

        var result = statement.TryGetProperty("result", out var r) ? r : default;
        if (!categories.Contains(MoveOn))
        {
            return false;
        }

        return verb == Passed ? Is(result, "success", true) && Fits(statement, context, passed: true)
            : verb == Failed ? Is(result, "success", false) && Fits(statement, context, passed: false)
            : verb == Completed ? Is(result, "completion", true) && StatementScore.Of(statement) is null
            : verb == Waived && Is(result, "success", true) && Is(result, "completion", true) && StatementContext.Text(result, Reason) is { Length: > 0 };
    }

    /// <summary>A score must lie on the side of the mastery score that the verb says.</summary>
    private static bool Fits(JsonElement statement, JsonElement context, bool passed) =>
        StatementScore.Of(statement) is not { } score
        || StatementContext.Text(context, Mastery) is not { } text
        || !decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var mastery)
        || score >= mastery == passed;

    private static bool Is(JsonElement result, string member, bool value) =>
        result.ValueKind == JsonValueKind.Object && result.TryGetProperty(member, out var said) && said.ValueKind == (value ? JsonValueKind.True : JsonValueKind.False);
}
