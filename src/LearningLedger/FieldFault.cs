namespace LearningLedger;

/// <summary>One thing wrong with something handed in.</summary>
/// <param name="Field">Where, as its JSON names it: <c>milestones[2].rule.requires[0]</c>.</param>
/// <param name="Message">What is wrong there, to be read after the field.</param>
public sealed record FieldFault(string Field, string Message);
