using System.Security.Cryptography;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Integrity;
using LearningLedger.Xapi;

namespace LearningLedger.Mappings;

/// <summary>What a mapping may say, and how it is published.</summary>
public static class MappingRules
{
    /// <summary>Rules of one mapping: one for each of 5,000 skills, and some skills by several ways.</summary>
    public const int MostRules = 10_000;

    /// <summary>Entries of one list of a rule.</summary>
    public const int MostEntries = 100;

    /// <summary>The verbs of a rule that names none: those by which xAPI's own vocabulary says how a try ended.</summary>
    public static IReadOnlyList<string> UsualVerbs { get; } = [Verb("passed"), Verb("failed"), Verb("completed"), Verb("scored")];

    /// <summary>IRI of a verb of the ADL vocabulary.</summary>
    internal static string Verb(string word) => "http://adlnet.gov/expapi/verbs/" + word;

    /// <summary>Everything wrong with a mapping by itself; empty when it may be published.</summary>
    public static IReadOnlyList<FieldFault> Validate(MappingDefinition? mapping)
    {
        var faults = new FaultList();
        if (mapping is null)
        {
            faults.Add("$", "must be an object");
            return faults.All;
        }

        faults.Code("framework", mapping.Framework);
        if (mapping.Version < 0)
        {
            faults.Add("version", "must be 1 or more, or left out");
        }

        if (mapping.Rules is null || mapping.Rules.Count > MostRules)
        {
            faults.Add("rules", mapping.Rules is null ? "is missing" : $"has more than {MostRules} entries");
            return faults.All;
        }

        for (var i = 0; i < mapping.Rules.Count; i++)
        {
            Rule(mapping.Rules[i], $"rules[{i}]", faults);
        }

        return faults.All;
    }

    /// <summary>Gives <paramref name="mapping"/> its version number and hash, unless the latest version says the very same.</summary>
    /// <param name="state">The state of the mapping's stream.</param>
    /// <param name="mapping">Valid. Version 0 leaves the number to the ledger, any other must be the one it gets or has.</param>
    public static MappingResult Publish(MappingState state, MappingDefinition mapping)
    {
        if (state.Latest is { } latest && Hash(mapping with { Version = latest.Mapping.Version }) == latest.Hash
            && (mapping.Version == 0 || mapping.Version == latest.Mapping.Version))
        {
            return new MappingResult.AlreadyPublished(latest.Mapping.Version, latest.Hash);
        }

        var next = state.Versions.Count + 1;
        if (mapping.Version != 0 && mapping.Version != next)
        {
            return new MappingResult.WrongVersion(mapping.Version, next);
        }

        var numbered = mapping with { Version = next };
        return new MappingResult.Published(new MappingPublished(numbered, Hash(numbered)));
    }

    private static string Hash(MappingDefinition mapping) =>
        Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Bytes(JsonSerializer.SerializeToElement(mapping, LedgerJson.Options))));

    private static void Rule(MappingRule? rule, string at, FaultList faults)
    {
        if (rule is null)
        {
            faults.Add(at, "must be an object");
            return;
        }

        faults.Code($"{at}.skill", rule.Skill);
        if (faults.Items($"{at}.activities", rule.Activities, MostEntries))
        {
            Patterns($"{at}.activities", rule.Activities, faults);
        }

        if (rule.Within is not null && faults.Items($"{at}.within", rule.Within, MostEntries))
        {
            Patterns($"{at}.within", rule.Within, faults);
        }

        Iris($"{at}.verbs", rule.Verbs, faults);
        Iris($"{at}.doubtedBy", rule.DoubtedBy, faults);
        if (rule.Extensions is { } extensions)
        {
            foreach (var (iri, value) in extensions.Where(e => !XapiText.IsIri(e.Key) || e.Value is not { Length: > 0 and <= 1_000 }))
            {
                faults.Add($"{at}.extensions", $"must name an IRI and its value of 1 to 1,000 characters, unlike '{iri}': '{value}'");
            }
        }

        if (rule.Score is < 0 or > 1 || (rule.Score is { } score && decimal.Round(score, StatementScore.Decimals) != score))
        {
            faults.Add($"{at}.score", $"must be a number from 0 to 1 with at most {StatementScore.Decimals} decimals");
        }

        if (rule.Evidence?.Milestone is { } milestone)
        {
            faults.Code($"{at}.evidence.milestone", milestone);
        }
    }

    private static void Iris(string at, IReadOnlyList<string>? iris, FaultList faults)
    {
        if (iris is not null && faults.Items(at, iris, MostEntries))
        {
            for (var i = 0; i < iris.Count; i++)
            {
                if (iris[i] is null || !XapiText.IsIri(iris[i]))
                {
                    faults.Add($"{at}[{i}]", "must be an absolute IRI");
                }
            }
        }
    }

    private static void Patterns(string at, IReadOnlyList<string> patterns, FaultList faults)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (patterns[i] is not { } pattern || !XapiText.IsIri(pattern.TrimEnd('*') + (pattern.EndsWith('*') ? "x" : "")) || pattern.IndexOf('*') is >= 0 and var star && star < pattern.Length - 1)
            {
                faults.Add($"{at}[{i}]", "must be an absolute IRI, or the beginning of one followed by one *");
            }
        }
    }
}

/// <summary>What came of publishing a mapping.</summary>
public abstract record MappingResult
{
    private MappingResult()
    {
    }

    /// <summary>A new version.</summary>
    public sealed record Published(MappingPublished Event) : MappingResult;

    /// <summary>The latest version says this already; nothing to store.</summary>
    public sealed record AlreadyPublished(int Version, string Hash) : MappingResult;

    /// <summary>It names a version that is neither the next nor the latest with this content.</summary>
    public sealed record WrongVersion(int Given, int Next) : MappingResult;
}
