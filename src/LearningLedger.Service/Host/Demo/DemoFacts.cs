namespace LearningLedger.Service.Host.Demo;

/// <summary>One simulated try at a skill.</summary>
/// <param name="Id">The platform's id of it.</param>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Score">Share of items answered.</param>
/// <param name="Expected">The score the learner's ability makes likely; known to the simulation alone.</param>
/// <param name="At">When.</param>
/// <param name="Voided">Whether an invigilator annulled it.</param>
internal sealed record DemoAttempt(string Id, string Skill, decimal Score, double Expected, DateTimeOffset At, bool Voided);

/// <summary>How a simulated assessor judges.</summary>
/// <param name="Errs">Chance that they reject good work, and that they accept other.</param>
/// <param name="Minutes">After ten minutes the verdict comes within so many more, one as likely as another.</param>
internal sealed record DemoAssessor(double Errs, int Minutes)
{
    /// <summary>All of them; elsewhere they are called by their place here.</summary>
    public static IReadOnlyList<DemoAssessor> All { get; } = [new(0.05, 3_000), new(0.12, 5_000)];
}

/// <summary>What one assessor says to a piece of work.</summary>
/// <param name="Assessor">Who.</param>
/// <param name="Accepted">The verdict.</param>
/// <param name="At">When it is given.</param>
internal sealed record DemoVerdict(int Assessor, bool Accepted, DateTimeOffset At);

/// <summary>One simulated piece of work, and what the assessors say to it.</summary>
/// <param name="Id">The platform's id of the submission.</param>
/// <param name="Evidence">Its UUID.</param>
/// <param name="Milestone">Code of the milestone it was made for.</param>
/// <param name="Skills">Codes of the skills it shows.</param>
/// <param name="At">When it was handed in.</param>
/// <param name="Good">Whether it should be accepted; known to the simulation alone.</param>
/// <param name="Verdicts">One, or of some work one of each assessor.</param>
internal sealed record DemoEvidence(
    string Id, Guid Evidence, string Milestone, IReadOnlyList<string> Skills, DateTimeOffset At, bool Good, IReadOnlyList<DemoVerdict> Verdicts)
{
    /// <summary>Whether it counts: nobody rejects it.</summary>
    public bool Accepted => Verdicts.All(v => v.Accepted);
}

/// <summary>One simulated learner's life.</summary>
/// <param name="Subject">What the platform calls the learner.</param>
/// <param name="Ability">Known to the simulation alone.</param>
/// <param name="Advanced">Which of the two smaller cohorts an entry test put them into.</param>
/// <param name="Attempts">In the order of time.</param>
/// <param name="Evidence">In the order of time.</param>
internal sealed record DemoLearner(string Subject, double Ability, bool Advanced, IReadOnlyList<DemoAttempt> Attempts, IReadOnlyList<DemoEvidence> Evidence)
{
    /// <summary>Their attempts that were not annulled, by skill, in the order of time.</summary>
    public ILookup<string, DemoAttempt> Tries { get; } = Attempts.Where(a => !a.Voided).ToLookup(a => a.Skill);
}
