using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>How statements are given back.</summary>
public enum StatementForm
{
    /// <summary>As kept.</summary>
    Exact,

    /// <summary>With nothing in agents, activities, verbs and groups but what identifies them.</summary>
    Ids,

    /// <summary>With the definitions this store knows, and one language in each language map.</summary>
    Canonical,
}

/// <summary>Writes a statement in the forms other than exact.</summary>
/// <param name="form">Ids or canonical.</param>
/// <param name="languages">Language tags the reader prefers, best first.</param>
/// <param name="definition">The definition known of an activity, or null.</param>
public sealed class StatementFormat(StatementForm form, IReadOnlyList<string> languages, Func<string, JsonElement?> definition)
{
    private static readonly string[] ComponentLists = ["choices", "scale", "source", "target", "steps"];

    /// <summary>The ids of all activities of a statement, whose definitions the canonical form will ask for.</summary>
    public static IEnumerable<string> Activities(JsonElement statement) =>
        StatementMentions.Of(statement, default).Where(m => m.Kind == MentionKind.RelatedActivity).Select(m => m.Text);

    /// <summary>Writes a statement or sub-statement.</summary>
    public void Write(Utf8JsonWriter json, JsonElement statement)
    {
        json.WriteStartObject();
        foreach (var member in statement.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            switch (member.Name)
            {
                case "actor" or "authority":
                    Actor(json, member.Value);
                    break;
                case "verb":
                    Verb(json, member.Value);
                    break;
                case "object":
                    Target(json, member.Value);
                    break;
                case "context":
                    Context(json, member.Value);
                    break;
                case "attachments" when form == StatementForm.Canonical:
                    WithLanguages(json, member.Value, "display", "description");
                    break;
                default:
                    member.Value.WriteTo(json);
                    break;
            }
        }

        json.WriteEndObject();
    }

    private void Target(Utf8JsonWriter json, JsonElement target)
    {
        switch (target.TryGetProperty("objectType", out var type) ? type.GetString() : "Activity")
        {
            case "Agent" or "Group":
                Actor(json, target);
                break;
            case "SubStatement":
                Write(json, target);
                break;
            case "StatementRef":
                target.WriteTo(json);
                break;
            default:
                Activity(json, target);
                break;
        }
    }

    private void Verb(Utf8JsonWriter json, JsonElement verb)
    {
        if (form == StatementForm.Canonical)
        {
            WithLanguages(json, verb, "display");
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("id");
        verb.GetProperty("id").WriteTo(json);
        json.WriteEndObject();
    }

    private void Actor(Utf8JsonWriter json, JsonElement actor)
    {
        if (form == StatementForm.Canonical)
        {
            actor.WriteTo(json);
            return;
        }

        // An identified group is told by its identifier; of an anonymous one nothing is left but its members.
        var anonymous = AgentIdentifier.Of(actor) is null;
        json.WriteStartObject();
        foreach (var member in actor.EnumerateObject())
        {
            if (member.NameEquals("objectType") || AgentIdentifier.Members.Contains(member.Name))
            {
                member.WriteTo(json);
            }
            else if (anonymous && member.NameEquals("member"))
            {
                json.WriteStartArray(member.Name);
                foreach (var agent in member.Value.EnumerateArray())
                {
                    Actor(json, agent);
                }

                json.WriteEndArray();
            }
        }

        json.WriteEndObject();
    }

    private void Activity(Utf8JsonWriter json, JsonElement activity)
    {
        json.WriteStartObject();
        foreach (var member in activity.EnumerateObject().Where(m => m.NameEquals("id") || (form == StatementForm.Canonical && m.NameEquals("objectType"))))
        {
            member.WriteTo(json);
        }

        if (form == StatementForm.Canonical
            && (definition(activity.GetProperty("id").GetString()!) ?? (activity.TryGetProperty("definition", out var own) ? own : null)) is { } known)
        {
            json.WritePropertyName("definition");
            Definition(json, known);
        }

        json.WriteEndObject();
    }

    private void Definition(Utf8JsonWriter json, JsonElement known)
    {
        json.WriteStartObject();
        foreach (var member in known.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            if (member.Name is "name" or "description")
            {
                OneLanguage(json, member.Value);
            }
            else if (ComponentLists.Contains(member.Name))
            {
                WithLanguages(json, member.Value, "description");
            }
            else
            {
                member.Value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private void Context(Utf8JsonWriter json, JsonElement context)
    {
        json.WriteStartObject();
        foreach (var member in context.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            switch (member.Name)
            {
                case "instructor" or "team":
                    Actor(json, member.Value);
                    break;
                case "contextActivities":
                    ContextActivities(json, member.Value);
                    break;
                case "contextAgents" or "contextGroups":
                    ContextActors(json, member.Value);
                    break;
                default:
                    member.Value.WriteTo(json);
                    break;
            }
        }

        json.WriteEndObject();
    }

    private void ContextActivities(Utf8JsonWriter json, JsonElement kinds)
    {
        json.WriteStartObject();
        foreach (var kind in kinds.EnumerateObject())
        {
            json.WriteStartArray(kind.Name);
            foreach (var activity in kind.Value.EnumerateArray())
            {
                Activity(json, activity);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void ContextActors(Utf8JsonWriter json, JsonElement items)
    {
        json.WriteStartArray();
        foreach (var item in items.EnumerateArray())
        {
            json.WriteStartObject();
            foreach (var member in item.EnumerateObject())
            {
                json.WritePropertyName(member.Name);
                if (member.Name is "agent" or "group")
                {
                    Actor(json, member.Value);
                }
                else
                {
                    member.Value.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>An object, or a list of them, whose named members are language maps.</summary>
    private void WithLanguages(Utf8JsonWriter json, JsonElement element, params string[] maps)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray();
            foreach (var item in element.EnumerateArray())
            {
                WithLanguages(json, item, maps);
            }

            json.WriteEndArray();
            return;
        }

        json.WriteStartObject();
        foreach (var member in element.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            if (maps.Contains(member.Name))
            {
                OneLanguage(json, member.Value);
            }
            else
            {
                member.Value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private void OneLanguage(Utf8JsonWriter json, JsonElement map)
    {
        json.WriteStartObject();
        if (Languages.Best(map.EnumerateObject().Select(m => m.Name), languages) is { } tag)
        {
            json.WritePropertyName(tag);
            map.GetProperty(tag).WriteTo(json);
        }

        json.WriteEndObject();
    }
}
