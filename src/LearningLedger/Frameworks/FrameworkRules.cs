namespace LearningLedger.Frameworks;

/// <summary>What a framework must be before it may be published. Reports every fault, not the first; never throws on missing members.</summary>
public static partial class FrameworkRules
{
    /// <summary>Characters of a title.</summary>
    public const int LongestTitle = 200;

    /// <summary>Characters of a milestone's summary.</summary>
    public const int LongestSummary = 2_000;

    /// <summary>Milestones of one framework, which also bounds every walk over <c>requires</c>.</summary>
    public const int MostMilestones = 200;

    /// <summary>Skills of one framework.</summary>
    public const int MostSkills = 5_000;

    /// <summary>Accepted items, or distinct assessors, that a rule may ask for.</summary>
    public const int MostEvidence = 1_000;

    /// <summary>All faults of <paramref name="definition"/>; empty when it may be published.</summary>
    public static IReadOnlyList<FieldFault> Validate(FrameworkDefinition? definition)
    {
        if (definition is null)
        {
            return [new FieldFault("$", "is missing")];
        }

        var faults = new FaultList();
        faults.Code("code", definition.Code);
        faults.Text("title", definition.Title, LongestTitle);
        if (definition.Version < 0)
        {
            faults.Add("version", "must be 0 or left out, or the version's number");
        }

        var skills = SkillsOf(definition, faults);
        var used = new HashSet<string>();
        MilestonesOf(definition, skills, used, faults);
        NoUnusedSkill(definition, used, faults);
        return faults.All;
    }

    /// <summary>Every code once, every title readable.</summary>
    private static HashSet<string> SkillsOf(FrameworkDefinition definition, FaultList faults)
    {
        var codes = new HashSet<string>();
        if (!faults.Items("skills", definition.Skills, MostSkills))
        {
            return codes;
        }

        for (var i = 0; i < definition.Skills.Count; i++)
        {
            var at = $"skills[{i}]";
            if (definition.Skills[i] is not { } skill)
            {
                faults.Add(at, "is missing");
                continue;
            }

            faults.Text($"{at}.title", skill.Title, LongestTitle);
            if (faults.Code($"{at}.code", skill.Code) && !codes.Add(skill.Code))
            {
                faults.Add($"{at}.code", $"\"{skill.Code}\" is listed twice");
            }
        }

        return codes;
    }

    private static void MilestonesOf(FrameworkDefinition definition, HashSet<string> skills, HashSet<string> used, FaultList faults)
    {
        if (!faults.Items("milestones", definition.Milestones, MostMilestones))
        {
            return;
        }

        var codes = definition.Milestones.Select(m => m?.Code).OfType<string>().ToHashSet();
        var seen = new HashSet<string>();
        var level = 0;
        for (var i = 0; i < definition.Milestones.Count; i++)
        {
            var at = $"milestones[{i}]";
            if (definition.Milestones[i] is not { } milestone)
            {
                faults.Add(at, "is missing");
                continue;
            }

            if (faults.Code($"{at}.code", milestone.Code) && !seen.Add(milestone.Code))
            {
                faults.Add($"{at}.code", $"\"{milestone.Code}\" is used twice");
            }

            faults.Text($"{at}.title", milestone.Title, LongestTitle);
            faults.Text($"{at}.summary", milestone.Summary, LongestSummary);
            if (milestone.Level < level)
            {
                faults.Add($"{at}.level", level == 0 ? "must be 0 or more" : $"comes after level {level}: milestones are listed in order of level");
            }

            level = Math.Max(level, milestone.Level);
            MilestoneSkills(milestone, at, skills, used, faults);
            RuleOf(milestone, at, codes, faults);
        }

        NoCycles(definition.Milestones, faults);
    }

    private static void MilestoneSkills(Milestone milestone, string at, HashSet<string> skills, HashSet<string> used, FaultList faults)
    {
        if (!faults.Items($"{at}.skills", milestone.Skills, MostSkills))
        {
            return;
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < milestone.Skills.Count; i++)
        {
            var field = $"{at}.skills[{i}]";
            if (!faults.Code(field, milestone.Skills[i]))
            {
                continue;
            }

            used.Add(milestone.Skills[i]);
            if (!skills.Contains(milestone.Skills[i]))
            {
                faults.Add(field, $"\"{milestone.Skills[i]}\" is not in the framework's skills");
            }
            else if (!seen.Add(milestone.Skills[i]))
            {
                faults.Add(field, $"\"{milestone.Skills[i]}\" is named twice");
            }
        }
    }

    private static void NoUnusedSkill(FrameworkDefinition definition, HashSet<string> used, FaultList faults)
    {
        for (var i = 0; i < (definition.Skills?.Count ?? 0); i++)
        {
            if (definition.Skills![i]?.Code is { } code && Slug.IsValid(code) && !used.Contains(code))
            {
                faults.Add($"skills[{i}].code", $"\"{code}\" belongs to no milestone");
            }
        }
    }
}
