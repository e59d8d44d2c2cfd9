namespace LearningLedger.Mappings;

/// <summary>One version of what xAPI statements mean in a framework. The published file format is this record as JSON.</summary>
/// <remarks>It says how facts come about, never how they are judged: it is no part of a milestone's rule, nor of the rule's hash.</remarks>
/// <param name="Framework">Code of the framework whose skills it names.</param>
/// <param name="Version">1 for the first; given by the ledger when it is published, so a file may leave it out (0).</param>
/// <param name="Rules">Each is asked of every statement; none: statements mean nothing.</param>
public sealed record MappingDefinition(string Framework, int Version, IReadOnlyList<MappingRule> Rules);

/// <summary>Which statements mean something for one skill, and what.</summary>
/// <param name="Skill">Code of the skill.</param>
/// <param name="Activities">IRIs of the activities they are about; a trailing <c>*</c> stands for any rest.</param>
/// <param name="Verbs">IRIs of their verbs; null: <see cref="MappingRules.UsualVerbs"/>.</param>
/// <param name="Within">IRIs, likewise, one of which is a parent or grouping of the activity in the statement's context; null: any.</param>
/// <param name="Extensions">
/// IRIs of extensions, of the result, the context or the activity, each with the value it must have: text, or a number or truth value as JSON writes it.
/// </param>
/// <param name="Score">0 to 1: the score of a statement that gives none and does not speak of failure; null: such a statement gives no attempt.</param>
/// <param name="Evidence">That attachments are evidence for the skill; null: they are not.</param>
/// <param name="DoubtedBy">
/// IRIs of verbs by which the platform takes back what it said of the activity: a standing award that rests on an attempt there is flagged for a person.
/// </param>
public sealed record MappingRule(
    string Skill, IReadOnlyList<string> Activities, IReadOnlyList<string>? Verbs = null, IReadOnlyList<string>? Within = null,
    IReadOnlyDictionary<string, string>? Extensions = null, decimal? Score = null, MappedEvidence? Evidence = null, IReadOnlyList<string>? DoubtedBy = null);

/// <summary>What attachments are evidence for.</summary>
/// <param name="Milestone">The milestone it counts for alone; null: every milestone with the skill.</param>
public sealed record MappedEvidence(string? Milestone = null);
