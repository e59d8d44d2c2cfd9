using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>By what a statement is found.</summary>
public enum MentionKind
{
    /// <summary>Verb IRI.</summary>
    Verb,

    /// <summary>Registration UUID.</summary>
    Registration,

    /// <summary>Agent or identified group that acts or is the object, or a member of a group that does.</summary>
    Agent,

    /// <summary>Agent or group anywhere in it.</summary>
    RelatedAgent,

    /// <summary>Activity that is the object.</summary>
    Activity,

    /// <summary>Activity anywhere in it.</summary>
    RelatedActivity,
}

/// <summary>One thing a statement is found by.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">IRI, UUID, or the agent's <see cref="AgentIdentifier.Text"/>.</param>
public readonly record struct Mention(MentionKind Kind, string Text);

/// <summary>Everything a statement mentions, for the filters of the statement resource. Those for related things include the direct ones.</summary>
public static class StatementMentions
{
    /// <summary>The mentions of a valid statement, each once.</summary>
    /// <param name="statement">As posted.</param>
    /// <param name="authority">Who vouches for it.</param>
    public static IReadOnlySet<Mention> Of(JsonElement statement, AgentIdentifier authority)
    {
        var found = new HashSet<Mention>
        {
            new(MentionKind.Verb, statement.GetProperty("verb").GetProperty("id").GetString()!),
            new(MentionKind.RelatedAgent, authority.Text()),
        };
        if (statement.TryGetProperty("context", out var context) && context.TryGetProperty("registration", out var registration))
        {
            found.Add(new(MentionKind.Registration, registration.GetString()!.ToLowerInvariant()));
        }

        Body(statement, direct: true, found);
        return found;
    }

    private static void Body(JsonElement statement, bool direct, HashSet<Mention> found)
    {
        Agent(statement.GetProperty("actor"), direct, found);
        var target = statement.GetProperty("object");
        switch (target.TryGetProperty("objectType", out var type) ? type.GetString() : "Activity")
        {
            case "Activity":
                Activity(target, direct, found);
                break;
            case "Agent" or "Group":
                Agent(target, direct, found);
                break;
            case "SubStatement":
                Body(target, direct: false, found);
                break;
        }

        if (statement.TryGetProperty("context", out var context))
        {
            Context(context, found);
        }
    }

    private static void Context(JsonElement context, HashSet<Mention> found)
    {
        foreach (var member in context.EnumerateObject())
        {
            switch (member.Name)
            {
                case "instructor" or "team":
                    Agent(member.Value, direct: false, found);
                    break;
                case "contextAgents":
                    foreach (var item in member.Value.EnumerateArray())
                    {
                        Agent(item.GetProperty("agent"), direct: false, found);
                    }

                    break;
                case "contextGroups":
                    foreach (var item in member.Value.EnumerateArray())
                    {
                        Agent(item.GetProperty("group"), direct: false, found);
                    }

                    break;
                case "contextActivities":
                    foreach (var kind in member.Value.EnumerateObject())
                    {
                        foreach (var activity in ContextActivities.Of(kind.Value))
                        {
                            Activity(activity, direct: false, found);
                        }
                    }

                    break;
            }
        }
    }

    private static void Activity(JsonElement activity, bool direct, HashSet<Mention> found)
    {
        var id = activity.GetProperty("id").GetString()!;
        found.Add(new(MentionKind.RelatedActivity, id));
        if (direct)
        {
            found.Add(new(MentionKind.Activity, id));
        }
    }

    private static void Agent(JsonElement agent, bool direct, HashSet<Mention> found)
    {
        if (AgentIdentifier.Of(agent)?.Text() is { } id)
        {
            found.Add(new(MentionKind.RelatedAgent, id));
            if (direct)
            {
                found.Add(new(MentionKind.Agent, id));
            }
        }

        if (agent.TryGetProperty("member", out var members))
        {
            foreach (var member in members.EnumerateArray())
            {
                Agent(member, direct, found);
            }
        }
    }
}
