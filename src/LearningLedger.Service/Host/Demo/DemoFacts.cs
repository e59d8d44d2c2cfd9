namespace LearningLedger.Service.Host.Demo;

/// <summary>One simulated try at a skill.</summary>
/// <param name="Id">The platform's id of it.</param>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Score">Share of items answered.</param>
/// <param name="At">When.</param>
/// <param name="Voided">Whether an invigilator annulled it.</param>
internal sealed record DemoAttempt(string Id, string Skill, decimal Score, DateTimeOffset At, bool Voided);

/// <summary>One simulated piece of work, and what the assessor says to it.</summary>
/// <param name="Id">The platform's id of the submission.</param>
/// <param name="Evidence">Its UUID.</param>
/// <param name="Milestone">Code of the milestone it was made for.</param>
/// <param name="Skills">Codes of the skills it shows.</param>
/// <param name="At">When it was handed in.</param>
/// <param name="Assessor">0 or 1: who reviews it.</param>
/// <param name="Accepted">The verdict.</param>
/// <param name="ReviewedAt">When it is given.</param>
internal sealed record DemoEvidence(
    string Id, Guid Evidence, string Milestone, IReadOnlyList<string> Skills, DateTimeOffset At, int Assessor, bool Accepted, DateTimeOffset ReviewedAt);

/// <summary>One simulated learner's life.</summary>
/// <param name="Subject">What the platform calls the learner.</param>
/// <param name="Ability">Known to the simulation alone.</param>
/// <param name="Attempts">In the order of time.</param>
/// <param name="Evidence">In the order of time.</param>
internal sealed record DemoLearner(string Subject, double Ability, IReadOnlyList<DemoAttempt> Attempts, IReadOnlyList<DemoEvidence> Evidence);
