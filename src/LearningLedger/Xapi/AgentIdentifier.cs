using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>What tells an agent or an identified group from all others.</summary>
/// <param name="Scheme"><c>mbox</c>, <c>mbox_sha1sum</c>, <c>openid</c> or <c>account</c>.</param>
/// <param name="Issuer">The account's <c>homePage</c>; otherwise empty.</param>
/// <param name="Value">The identifier; the account's <c>name</c>.</param>
public readonly record struct AgentIdentifier(string Scheme, string Issuer, string Value)
{
    /// <summary>The scheme of accounts, under which a platform's learners of any protocol are known.</summary>
    public const string Account = "account";

    /// <summary>The properties that identify.</summary>
    public static IReadOnlyList<string> Members { get; } = ["mbox", "mbox_sha1sum", "openid", Account];

    /// <summary>The identifier of a valid agent or group; null for an anonymous group.</summary>
    public static AgentIdentifier? Of(JsonElement agent)
    {
        foreach (var member in Members)
        {
            if (agent.TryGetProperty(member, out var value))
            {
                return member == Account
                    ? new(member, value.GetProperty("homePage").GetString()!, value.GetProperty("name").GetString()!)
                    : new(member, "", Normal(member, value.GetString()!));
            }
        }

        return null;
    }

    /// <summary>One text for it, unlike that of any other.</summary>
    public string Text() => $"{Scheme}\n{Issuer}\n{Value}";

    // Hex digits mean the same in either case.
    private static string Normal(string member, string value) => member == "mbox_sha1sum" ? value.ToLowerInvariant() : value;
}
