namespace LearningLedger.Events;

/// <summary>A figure was published: what was asked, at which point of the ledger, and the digest of the answer, so that it can be derived again.</summary>
/// <param name="Question">Name of the question, such as <c>funnel</c>.</param>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Parameters">What else was asked, by name in ordinal order; codes and numbers only.</param>
/// <param name="Sequence">The point of the ledger the answer is of.</param>
/// <param name="MinimumCell">Fewest people a figure of it told of.</param>
/// <param name="Digest">SHA-256 of the answer's bytes as the API gives them, 64 lower-case hex digits.</param>
public sealed record ReportSaved(
    string Question, string Cohort, IReadOnlyDictionary<string, string> Parameters, long Sequence, int MinimumCell, string Digest) : ILedgerEvent;
