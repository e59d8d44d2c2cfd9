using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Xapi;

namespace LearningLedger.Mappings;

/// <summary>What a statement means for a learner.</summary>
public abstract record MappedFact
{
    private MappedFact()
    {
    }

    /// <summary>A try at a skill.</summary>
    public sealed record Attempt(SkillAttempted Event) : MappedFact;

    /// <summary>An attachment, which is evidence.</summary>
    /// <param name="Skills">Codes of the skills it is evidence for.</param>
    /// <param name="MediaType">As the attachment says.</param>
    /// <param name="Size">Bytes.</param>
    /// <param name="Sha256">64 lower-case hex digits.</param>
    /// <param name="FileUrl">Where it lies; null: it came with the statement.</param>
    /// <param name="Milestone">Milestone it counts for alone, or null.</param>
    /// <param name="Title">What the attachment is called, or null.</param>
    public sealed record Evidence(
        IReadOnlyList<string> Skills, string MediaType, long Size, string Sha256, string? FileUrl, string? Milestone, string? Title) : MappedFact;

    /// <summary>The platform takes back what it said of an activity.</summary>
    /// <param name="Skill">Code of the skill.</param>
    /// <param name="Activity">IRI.</param>
    public sealed record Doubt(string Skill, string Activity) : MappedFact;
}

/// <summary>Reads a statement by the mappings in force: pure, total, and the same for ever for one statement and one set of mapping versions.</summary>
public static class StatementMapping
{
    /// <summary>Events one statement may become; beyond it the rest is left out.</summary>
    public const int Most = 32;

    /// <summary>Whether some rule may have a word on such a statement; cheap, to be asked first.</summary>
    public static bool Concerns(IReadOnlyList<MappingDefinition> mappings, string verb, string? activity) =>
        activity is not null && mappings.Any(m => m.Rules.Any(r => (Says(r, verb) || Doubts(r, verb)) && Matches(r.Activities, activity)));

    /// <summary>What the statement means. One skill is tried once by one statement, however many rules say so: the first does.</summary>
    /// <param name="mappings">The latest of each framework, by code.</param>
    /// <param name="statement">A valid statement about an activity.</param>
    public static IReadOnlyList<MappedFact> Of(IReadOnlyList<MappingDefinition> mappings, JsonElement statement)
    {
        var verb = statement.GetProperty("verb").GetProperty("id").GetString()!;
        var activity = statement.GetProperty("object").GetProperty("id").GetString()!;
        var rules = mappings.SelectMany(m => m.Rules).Where(r => Matches(r.Activities, activity) && Fits(r, statement)).ToList();
        var facts = new List<MappedFact>();
        if (Cmi5.MayCount(statement, verb))
        {
            var tried = new HashSet<string>();
            foreach (var rule in rules.Where(r => Says(r, verb)))
            {
                if (Score(rule, statement, verb) is { } score && tried.Add(rule.Skill))
                {
                    facts.Add(new MappedFact.Attempt(new SkillAttempted(rule.Skill, score, activity, Duration(statement), Registration(statement))));
                }
            }

            foreach (var group in rules.Where(r => Says(r, verb) && r.Evidence is not null).GroupBy(r => r.Evidence!.Milestone))
            {
                facts.AddRange(Attached(statement, [.. group.Select(r => r.Skill).Distinct()], group.Key));
            }
        }

        facts.AddRange(rules.Where(r => Doubts(r, verb)).Select(r => r.Skill).Distinct().Select(skill => new MappedFact.Doubt(skill, activity)));
        return facts.Count > Most ? facts[..Most] : facts;
    }

    private static bool Says(MappingRule rule, string verb) => (rule.Verbs ?? MappingRules.UsualVerbs).Contains(verb);

    private static bool Doubts(MappingRule rule, string verb) => rule.DoubtedBy?.Contains(verb) == true;

    private static bool Matches(IReadOnlyList<string> patterns, string iri) =>
        patterns.Any(p => p.EndsWith('*') ? iri.StartsWith(p.AsSpan(0, p.Length - 1), StringComparison.Ordinal) : iri == p);

    private static bool Fits(MappingRule rule, JsonElement statement)
    {
        var context = statement.TryGetProperty("context", out var given) ? given : default;
        if (rule.Within is { } within
            && !StatementContext.Activities(context, "parent").Concat(StatementContext.Activities(context, "grouping")).Any(a => Matches(within, a)))
        {
            return false;
        }

        var result = statement.TryGetProperty("result", out var r) ? r : default;
        var definition = statement.GetProperty("object").TryGetProperty("definition", out var d) ? d : default;
        return rule.Extensions?.All(e =>
            StatementContext.Text(result, e.Key) == e.Value || StatementContext.Text(context, e.Key) == e.Value || StatementContext.Text(definition, e.Key) == e.Value) != false;
    }

    private static decimal? Score(MappingRule rule, JsonElement statement, string verb)
    {
        if (StatementScore.Of(statement) is { } score)
        {
            return score;
        }

        var failed = verb == MappingRules.Verb("failed")
            || (statement.TryGetProperty("result", out var result)
                && (result.TryGetProperty("score", out _) || IsFalse(result, "success") || IsFalse(result, "completion")));
        return failed ? null : rule.Score;

        static bool IsFalse(JsonElement result, string member) => result.TryGetProperty(member, out var said) && said.ValueKind == JsonValueKind.False;
    }

    private static string? Duration(JsonElement statement) =>
        statement.TryGetProperty("result", out var result) && result.TryGetProperty("duration", out var duration) ? duration.GetString() : null;

    private static Guid? Registration(JsonElement statement) =>
        statement.TryGetProperty("context", out var context) && context.TryGetProperty("registration", out var registration) ? registration.GetGuid() : null;

    /// <summary>The attachments named by SHA-256; a signature is no evidence of a skill.</summary>
    private static IEnumerable<MappedFact.Evidence> Attached(JsonElement statement, IReadOnlyList<string> skills, string? milestone) =>
        !statement.TryGetProperty("attachments", out var attachments)
            ? []
            : attachments.EnumerateArray()
                .Where(a => !a.GetProperty("usageType").ValueEquals(StatementComparison.Signature) && a.GetProperty("sha2").GetString()!.Length == 64)
                .Select(a => new MappedFact.Evidence(
                    skills, a.GetProperty("contentType").GetString()!, a.GetProperty("length").TryGetInt64(out var size) ? size : 0,
                    a.GetProperty("sha2").GetString()!.ToLowerInvariant(), a.TryGetProperty("fileUrl", out var url) ? url.GetString() : null, milestone,
                    a.GetProperty("display").EnumerateObject().Select(t => t.Value.GetString()).FirstOrDefault()));
}
