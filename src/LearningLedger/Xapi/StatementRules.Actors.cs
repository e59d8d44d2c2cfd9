using System.Text.Json;

namespace LearningLedger.Xapi;

/// <content>Agents and groups.</content>
public static partial class StatementRules
{
    private static readonly MemberNames AgentMembers = new("objectType", "name", "mbox", "mbox_sha1sum", "openid", "account");
    private static readonly MemberNames GroupMembers = new("objectType", "name", "member", "mbox", "mbox_sha1sum", "openid", "account");
    private static readonly MemberNames AccountMembers = new("homePage", "name");

    /// <summary>What is wrong with an agent or group given by itself, as the parameter <c>agent</c> does.</summary>
    /// <param name="agent">The JSON value.</param>
    /// <param name="identified">Whether it must have an identifier, which an anonymous group has not.</param>
    public static IReadOnlyList<FieldFault> AgentFaults(JsonElement agent, bool identified = true)
    {
        var faults = new List<FieldFault>();
        SoundJson.Check(agent, faults);
        if (faults.Count == 0 && Shape.Of(agent, faults) is { } shape)
        {
            Actor(shape);
            if (identified && faults.Count == 0 && AgentIdentifier.Of(agent) is null)
            {
                shape.Fault("", "must have an identifier.");
            }
        }

        return faults;
    }

    private static void Actor(Shape actor)
    {
        switch (actor.Text("objectType"))
        {
            case null when !actor.Has("objectType"):
            case "Agent":
                Agent(actor);
                break;
            case "Group":
                Group(actor);
                break;
            case { }:
                actor.Fault("objectType", "must be Agent or Group.");
                break;
        }
    }

    private static void OnlyAgent(Shape agent)
    {
        if (agent.Has("objectType") && agent.Text("objectType") is { } type && type != "Agent")
        {
            agent.Fault("objectType", "must be Agent here.");
        }
        else
        {
            Agent(agent);
        }
    }

    private static void OnlyGroup(Shape group)
    {
        if (group.Text("objectType", required: true) is { } type && type != "Group")
        {
            group.Fault("objectType", "must be Group here.");
        }
        else
        {
            Group(group);
        }
    }

    private static void Agent(Shape agent)
    {
        agent.Only(AgentMembers);
        agent.Text("name");
        if (Identifiers(agent) == 0)
        {
            agent.Fault("", "must have one of mbox, mbox_sha1sum, openid and account.");
        }
    }

    private static void Group(Shape group)
    {
        group.Only(GroupMembers);
        group.Text("name");
        var members = 0;
        foreach (var member in group.Objects("member"))
        {
            OnlyAgent(member);
            members++;
        }

        if (Identifiers(group) == 0 && members == 0)
        {
            group.Fault("member", "must name the members: the group has no identifier.");
        }
    }

    private static int Identifiers(Shape actor)
    {
        actor.Text("mbox", XapiText.IsMailbox, "must be a mail address in the form mailto:name@example.com.");
        actor.Text("mbox_sha1sum", XapiText.IsSha1, "must be a SHA-1 hash: 40 hex digits.");
        actor.Iri("openid");
        if (actor.Object("account") is { } account)
        {
            account.Only(AccountMembers);
            account.Iri("homePage", required: true);
            account.Text("name", static t => t.Length > 0, "must not be empty.", required: true);
        }

        var count = AgentIdentifier.Members.Count(actor.Has);
        if (count > 1)
        {
            actor.Fault("", "must have only one of mbox, mbox_sha1sum, openid and account.");
        }

        return count;
    }

    private static void Authority(Shape authority)
    {
        if (authority.Text("objectType") != "Group")
        {
            OnlyAgent(authority);
            return;
        }

        Group(authority);
        if (AgentIdentifier.Members.Any(authority.Has))
        {
            authority.Fault("", "must be an agent, or a group of two without an identifier.");
        }
        else if (authority.TryGet("member", out var member) && member.ValueKind == JsonValueKind.Array && member.GetArrayLength() != 2)
        {
            authority.Fault("member", "must be two: the application and its user.");
        }
    }
}
