using System.Globalization;
using LearningLedger.Integrity;

namespace LearningLedger.Frameworks;

/// <content>The faults of award rules.</content>
public static partial class FrameworkRules
{
    private static void RuleOf(Milestone milestone, string at, HashSet<string> milestones, FaultList faults)
    {
        if (milestone.Rule is not { } rule)
        {
            faults.Add($"{at}.rule", "is missing");
            return;
        }

        if (rule.PassingScore is < 0 or > 1)
        {
            faults.Add($"{at}.rule.passingScore", "must be between 0 and 1");
        }
        else if (!CanonicalJson.IsExact(rule.PassingScore.ToString(CultureInfo.InvariantCulture)))
        {
            faults.Add($"{at}.rule.passingScore", "has more digits than a double holds");
        }

        if (!Enum.IsDefined(rule.Attempts))
        {
            faults.Add($"{at}.rule.attempts", "must be best, latest or first");
        }

        if (!Enum.IsDefined(rule.Decision))
        {
            faults.Add($"{at}.rule.decision", "must be automatic or assessor");
        }

        EvidenceOf(rule.Evidence, $"{at}.rule.evidence", faults);
        RequiresOf(milestone, $"{at}.rule.requires", milestones, faults);
        if (rule.ValidFor is { } validFor && !IsValidity(validFor))
        {
            faults.Add($"{at}.rule.validFor", "must be an ISO 8601 duration longer than nothing and at most a hundred years, such as P2Y or P18M");
        }
    }

    private static void EvidenceOf(EvidenceRule? evidence, string at, FaultList faults)
    {
        if (evidence is null)
        {
            faults.Add(at, "is missing");
            return;
        }

        if (evidence.Minimum is < 0 or > MostEvidence)
        {
            faults.Add($"{at}.minimum", $"must be between 0 and {MostEvidence}");
        }

        if (evidence.DistinctAssessors is < 0 or > MostEvidence)
        {
            faults.Add($"{at}.distinctAssessors", $"must be between 0 and {MostEvidence}");
        }
        else if (evidence.DistinctAssessors > 0 && evidence.Minimum == 0)
        {
            // More assessors than items is a rule people have (one piece of work, marked twice); assessors of nothing is not.
            faults.Add($"{at}.distinctAssessors", "asks for assessors where no evidence is asked for");
        }
    }

    private static void RequiresOf(Milestone milestone, string at, HashSet<string> milestones, FaultList faults)
    {
        if (milestone.Rule.Requires is not { } requires)
        {
            faults.Add(at, "is missing; an empty list says that nothing is required");
            return;
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < requires.Count; i++)
        {
            var field = $"{at}[{i}]";
            if (!faults.Code(field, requires[i]))
            {
                continue;
            }

            if (requires[i] == milestone.Code)
            {
                faults.Add(field, "is the milestone itself");
            }
            else if (!milestones.Contains(requires[i]))
            {
                faults.Add(field, $"\"{requires[i]}\" is no milestone of this framework");
            }
            else if (!seen.Add(requires[i]))
            {
                faults.Add(field, $"\"{requires[i]}\" is named twice");
            }
        }
    }

    /// <summary>A fault at each milestone that lies on a circle of requirements: none on it could ever be awarded.</summary>
    private static void NoCycles(IReadOnlyList<Milestone> milestones, FaultList faults)
    {
        var requires = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var milestone in milestones)
        {
            if (milestone is { Code: not null, Rule.Requires: not null })
            {
                requires.TryAdd(milestone.Code, milestone.Rule.Requires);
            }
        }

        for (var i = 0; i < milestones.Count; i++)
        {
            if (milestones[i]?.Code is { } code && Reaches(code))
            {
                faults.Add($"milestones[{i}].rule.requires", "leads back to the milestone itself");
            }
        }

        // Direct self-reference has its own fault already.
        bool Reaches(string start)
        {
            var seen = new HashSet<string>();
            var open = new Stack<string>(Next(start).Where(c => c != start));
            while (open.TryPop(out var code))
            {
                if (code == start)
                {
                    return true;
                }

                if (seen.Add(code))
                {
                    foreach (var next in Next(code))
                    {
                        open.Push(next);
                    }
                }
            }

            return false;
        }

        IEnumerable<string> Next(string code) => requires.GetValueOrDefault(code, []).Where(c => c is not null);
    }
}
