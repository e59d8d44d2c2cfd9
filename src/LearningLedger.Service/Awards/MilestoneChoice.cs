using LearningLedger.Frameworks;

namespace LearningLedger.Service.Awards;

/// <summary>Which milestone a code means: codes are unique in a framework, not in a tenant.</summary>
/// <param name="Framework">The version the learner is judged under; null: not found.</param>
/// <param name="Milestone">The milestone; null: not found.</param>
/// <param name="Wrong">Why not; null: found.</param>
internal sealed record MilestoneChoice(FrameworkDefinition? Framework, Milestone? Milestone, MilestoneChoice.Fault? Wrong)
{
    /// <summary>Why no milestone, or no single one, was found.</summary>
    /// <param name="Field">The field to change.</param>
    /// <param name="Message">A sentence.</param>
    /// <param name="Ambiguous">Naming the framework would settle it.</param>
    internal sealed record Fault(string Field, string Message, bool Ambiguous = false);

    /// <summary>Finds the milestone.</summary>
    /// <param name="inForce">The versions the learner is judged under.</param>
    /// <param name="milestone">Its code.</param>
    /// <param name="framework">Code of its framework; null: whichever has it, if only one does.</param>
    internal static MilestoneChoice Find(IReadOnlyList<FrameworkDefinition> inForce, string milestone, string? framework)
    {
        var judged = framework is null ? inForce : [.. inForce.Where(f => f.Code == framework)];
        if (framework is not null && judged.Count == 0)
        {
            return new(null, null, new Fault("framework", $"No framework {framework} is in force."));
        }

        var found = judged.Where(f => f.Milestones.Any(m => m.Code == milestone)).ToList();
        return found switch
        {
            [var only] => new(only, only.Milestones.First(m => m.Code == milestone), null),
            [] => new(null, null, new Fault("milestone", $"No framework in force has a milestone {milestone}{(framework is null ? "" : $" under the code {framework}")}.")),
            _ => new(null, null, new Fault(
                "framework", $"Several frameworks have a milestone {milestone}; name one of {string.Join(", ", found.Select(f => f.Code))}.", Ambiguous: true)),
        };
    }
}
