using System.Text.Json;

namespace LearningLedger.Xapi;

/// <content>Results and contexts.</content>
public static partial class StatementRules
{
    /// <summary>The kinds of context activities.</summary>
    internal static IReadOnlyList<string> ContextActivityKinds { get; } = ["parent", "grouping", "category", "other"];

    private static readonly MemberNames ContextActivitiesMembers = new([.. ContextActivityKinds]);
    private static readonly MemberNames ResultMembers = new("score", "success", "completion", "response", "duration", "extensions");
    private static readonly MemberNames ScoreMembers = new("scaled", "raw", "min", "max");
    private static readonly MemberNames ContextAgentMembers = new("objectType", "agent", "relevantTypes");
    private static readonly MemberNames ContextGroupMembers = new("objectType", "group", "relevantTypes");

    // Version 1.0 has all but the last two.
    private static readonly string[] ContextNames =
    [
        "registration", "instructor", "team", "contextActivities", "revision", "platform", "language", "statement", "extensions", "contextAgents", "contextGroups",
    ];

    private static readonly MemberNames ContextMembers = new(ContextNames);
    private static readonly MemberNames ContextMembersOfOne = new(ContextNames[..^2]);

    private static void Result(Shape result)
    {
        result.Only(ResultMembers);
        result.Kind("success", "true or false", JsonValueKind.True, JsonValueKind.False);
        result.Kind("completion", "true or false", JsonValueKind.True, JsonValueKind.False);
        result.Text("response");
        result.Text("duration", XapiText.IsDuration, "must be an ISO 8601 duration, such as PT12M30S.");
        result.Extensions("extensions");
        if (result.Object("score") is not { } score)
        {
            return;
        }

        score.Only(ScoreMembers);
        if (score.Number("scaled") is < -1 or > 1)
        {
            score.Fault("scaled", "must be from -1 to 1.");
        }

        var (raw, min, max) = (score.Number("raw"), score.Number("min"), score.Number("max"));
        if (min >= max)
        {
            score.Fault("min", "must be less than max.");
        }

        if (raw < min || raw > max)
        {
            score.Fault("raw", "must lie between min and max.");
        }
    }

    private static void Context(Shape context, XapiVersion version, bool objectIsActivity)
    {
        context.Only(version == XapiVersion.One ? ContextMembersOfOne : ContextMembers);
        context.Uuid("registration");
        if (context.Object("instructor") is { } instructor)
        {
            Actor(instructor);
        }

        if (context.Object("team") is { } team)
        {
            OnlyGroup(team);
        }

        if (context.Object("contextActivities") is { } activities)
        {
            ContextActivities(activities);
        }

        foreach (var member in (ReadOnlySpan<string>)["revision", "platform"])
        {
            context.Text(member);
            if (!objectIsActivity && context.Has(member))
            {
                context.Fault(member, "is only for statements about an activity.");
            }
        }

        context.Text("language", XapiText.IsLanguageTag, "must be a language tag (RFC 5646), such as en-GB.");
        if (context.Object("statement") is { } reference)
        {
            StatementRef(reference);
        }

        context.Extensions("extensions");
        if (version == XapiVersion.Two)
        {
            ContextActors(context, "contextAgents", "contextAgent", "agent", ContextAgentMembers, OnlyAgent);
            ContextActors(context, "contextGroups", "contextGroup", "group", ContextGroupMembers, OnlyGroup);
        }
    }

    private static void ContextActivities(Shape activities)
    {
        activities.Only(ContextActivitiesMembers);
        foreach (var kind in ContextActivityKinds)
        {
            // One activity by itself is taken too, and kept as a list of one.
            if (activities.TryGet(kind, out var value) && value.ValueKind == JsonValueKind.Object)
            {
                Activity(activities.Object(kind)!);
            }
            else
            {
                foreach (var activity in activities.Objects(kind))
                {
                    Activity(activity);
                }
            }
        }
    }

    private static void ContextActors(Shape context, string list, string type, string member, MemberNames members, Action<Shape> rule)
    {
        foreach (var item in context.Objects(list))
        {
            item.Only(members);
            item.Text("objectType", t => t == type, $"must be {type}.", required: true);
            if (item.Object(member, required: true) is { } actor)
            {
                rule(actor);
            }

            item.Texts("relevantTypes", XapiText.IsIri, "must be an absolute IRI.");
            if (item.TryGet("relevantTypes", out var types) && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() == 0)
            {
                item.Fault("relevantTypes", "must not be empty; leave it out.");
            }
        }
    }
}
