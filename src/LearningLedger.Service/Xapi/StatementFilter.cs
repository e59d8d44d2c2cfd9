using System.Globalization;
using LearningLedger.Service.Host;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>Which statements are asked for.</summary>
/// <param name="Keys">Index keys: a statement must have one of each group.</param>
/// <param name="Since">Stored after this; or null.</param>
/// <param name="Until">Stored at or before this; or null.</param>
/// <param name="Ascending">Oldest first.</param>
/// <param name="Limit">Most statements of a page.</param>
/// <param name="Form">How they are given back.</param>
/// <param name="Attachments">Whether attached bytes come with them.</param>
/// <param name="Cursor">The last statement of the page before; or null.</param>
/// <param name="PostedBy">Only those posted by this key; or null.</param>
internal sealed record StatementFilter(
    IReadOnlyList<Guid[]> Keys, DateTimeOffset? Since, DateTimeOffset? Until, bool Ascending, int Limit, StatementForm Form, bool Attachments,
    (DateTimeOffset Stored, Guid Id)? Cursor, string? PostedBy)
{
    /// <summary>Statements of a page at most, and when the client names no limit.</summary>
    public const int MostPerPage = 500;

    /// <summary>Statements of a page when the client names no limit.</summary>
    private const int PerPage = 100;

    /// <summary>The parameters of a query.</summary>
    public static string[] Known { get; } =
    [
        "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit", "format", "attachments", "ascending",
    ];

    /// <summary>Reads a query; what is wrong is noted in the parameters.</summary>
    public static StatementFilter Read(Parameters parameters, TenantKey key, Caller caller)
    {
        // The narrowest comes first: it drives the query.
        var keys = new List<Guid[]>();
        if (parameters.Uuid("registration") is { } registration)
        {
            keys.Add([key.Of(new(MentionKind.Registration, registration.ToString("D")))]);
        }

        var relatedAgents = parameters.Flag("related_agents");
        if (parameters.Agent("agent") is { } agent)
        {
            var text = AgentIdentifier.Of(agent)!.Value.Text();
            keys.Add(relatedAgents ? [key.Of(new(MentionKind.Agent, text)), key.Of(new(MentionKind.RelatedAgent, text))] : [key.Of(new(MentionKind.Agent, text))]);
        }

        var relatedActivities = parameters.Flag("related_activities");
        if (parameters.Iri("activity") is { } activity)
        {
            keys.Add(relatedActivities
                ? [key.Of(new(MentionKind.Activity, activity)), key.Of(new(MentionKind.RelatedActivity, activity))]
                : [key.Of(new(MentionKind.Activity, activity))]);
        }

        if (parameters.Iri("verb") is { } verb)
        {
            keys.Add([key.Of(new(MentionKind.Verb, verb))]);
        }

        var limit = parameters.Count("limit");
        var mine = !Scopes.Allow(caller.Scopes, Scopes.StatementsRead);
        if (mine && keys.Count == 0)
        {
            // Each statement mentions who vouches for it. Otherwise what all others posted would be walked through.
            var authority = Authority.Of(caller).Identifier.Text();
            keys.Add([key.Of(new(MentionKind.Agent, authority)), key.Of(new(MentionKind.RelatedAgent, authority))]);
        }

        return new StatementFilter(
            keys, parameters.Time("since"), parameters.Time("until"), parameters.Flag("ascending"), limit == 0 ? PerPage : Math.Min(limit, MostPerPage), FormOf(parameters),
            parameters.Flag("attachments"), CursorOf(parameters), mine ? caller.KeyId : null);
    }

    /// <summary>The parameter <c>format</c>.</summary>
    public static StatementForm FormOf(Parameters parameters)
    {
        switch (parameters.Text("format"))
        {
            case null or "exact":
                return StatementForm.Exact;
            case "ids":
                return StatementForm.Ids;
            case "canonical":
                return StatementForm.Canonical;
            default:
                parameters.Fault("format", "must be exact, ids or canonical.");
                return StatementForm.Exact;
        }
    }

    /// <summary>A place between pages, as text.</summary>
    public static string CursorText(DateTimeOffset stored, Guid id) =>
        string.Create(CultureInfo.InvariantCulture, $"{stored.UtcTicks / TimeSpan.TicksPerMicrosecond}_{id:N}");

    private static (DateTimeOffset, Guid)? CursorOf(Parameters parameters)
    {
        if (parameters.Text("cursor") is not { } text)
        {
            return null;
        }

        var parts = text.Split('_');
        if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds < DateTime.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond && Guid.TryParseExact(parts[1], "N", out var id))
        {
            return (new DateTimeOffset(microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero), id);
        }

        parameters.Fault("cursor", "is not one that this store gave.");
        return null;
    }
}
