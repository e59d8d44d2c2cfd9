namespace LearningLedger.Xapi;

/// <content>What a statement is about.</content>
public static partial class StatementRules
{
    private static readonly MemberNames ReferenceMembers = new("objectType", "id");
    private static readonly MemberNames ActivityMembers = new("objectType", "id", "definition");
    private static readonly MemberNames DefinitionMembers = new(
        "name", "description", "type", "moreInfo", "extensions", "interactionType", "correctResponsesPattern", "choices", "scale", "source", "target", "steps");
    private static readonly MemberNames ComponentMembers = new("id", "description");

    private static readonly string[] InteractionTypes =
        ["true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric", "other"];

    private static readonly string InteractionTypeRule = $"must be one of {string.Join(", ", InteractionTypes)}.";

    private static readonly string[] Components = ["choices", "scale", "source", "target", "steps"];

    /// <returns>The kind of object; null when that is wrong.</returns>
    private static string? Object(Shape target, XapiVersion version, bool inSubStatement)
    {
        var kind = target.Has("objectType") ? target.Text("objectType") : "Activity";
        switch (kind)
        {
            case "Activity":
                Activity(target);
                return kind;
            case "Agent":
                Agent(target);
                return kind;
            case "Group":
                Group(target);
                return kind;
            case "StatementRef":
                StatementRef(target);
                return kind;
            case "SubStatement" when !inSubStatement:
                SubStatement(target, version);
                return kind;
            case "SubStatement":
                target.Fault("objectType", "must not be SubStatement within a sub-statement.");
                return null;
            case { }:
                target.Fault("objectType", "must be Activity, Agent, Group, StatementRef or SubStatement.");
                return null;
            default:
                return null;
        }
    }

    private static void StatementRef(Shape reference)
    {
        reference.Only(ReferenceMembers);
        if (reference.Text("objectType", required: true) is { } type && type != "StatementRef")
        {
            reference.Fault("objectType", "must be StatementRef.");
        }

        reference.Uuid("id", required: true);
    }

    private static void Activity(Shape activity)
    {
        activity.Only(ActivityMembers);
        if (activity.Has("objectType") && activity.Text("objectType") is { } type && type != "Activity")
        {
            activity.Fault("objectType", "must be Activity here.");
        }

        activity.Iri("id", required: true);
        if (activity.Object("definition") is { } definition)
        {
            Definition(definition);
        }
    }

    private static void Definition(Shape definition)
    {
        definition.Only(DefinitionMembers);
        definition.LanguageMap("name");
        definition.LanguageMap("description");
        definition.Iri("type");
        definition.Iri("moreInfo");
        definition.Extensions("extensions");
        definition.Text("interactionType", InteractionTypes.Contains, InteractionTypeRule);
        definition.Texts("correctResponsesPattern");
        var isInteraction = definition.Has("correctResponsesPattern");
        foreach (var component in Components)
        {
            if (definition.Has(component))
            {
                isInteraction = true;
                InteractionComponents(definition, component);
            }
        }

        if (isInteraction && !definition.Has("interactionType"))
        {
            definition.Fault("interactionType", "is required beside the other properties of an interaction.");
        }
    }

    private static void InteractionComponents(Shape definition, string member)
    {
        var ids = new HashSet<string>();
        foreach (var component in definition.Objects(member))
        {
            component.Only(ComponentMembers);
            component.LanguageMap("description");
            if (component.Text("id", required: true) is { } id && !ids.Add(id))
            {
                component.Fault("id", "is the id of another one in this list.");
            }
        }
    }
}
