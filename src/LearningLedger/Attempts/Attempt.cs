using LearningLedger.Transcripts;

namespace LearningLedger.Attempts;

/// <summary>One try at a skill.</summary>
/// <param name="At">The event.</param>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Score">0 to 1.</param>
public sealed record Attempt(EventStamp At, string Skill, decimal Score);

/// <summary>That an attempt no longer counts.</summary>
/// <param name="At">The event.</param>
/// <param name="Reason">Reason code.</param>
public sealed record Voiding(EventStamp At, string Reason);
