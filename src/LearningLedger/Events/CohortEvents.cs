namespace LearningLedger.Events;

/// <summary>A cohort was opened.</summary>
/// <param name="Cohort">Its code.</param>
/// <param name="Name">Its name; names a group, never a person.</param>
/// <param name="Framework">Code of the framework its members are judged under.</param>
/// <param name="FrameworkVersion">The version pinned for its members; null: always the latest.</param>
public sealed record CohortOpened(string Cohort, string Name, string Framework, int? FrameworkVersion = null) : ILedgerEvent;

/// <summary>A learner joined; membership begins at the event's occurred time.</summary>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Learner">The learner.</param>
public sealed record CohortJoined(string Cohort, Guid Learner) : ILedgerEvent;

/// <summary>A learner left; membership ends at the event's occurred time.</summary>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Learner">The learner.</param>
public sealed record CohortLeft(string Cohort, Guid Learner) : ILedgerEvent;

/// <summary>The cohort takes no more part in judging; its history stays.</summary>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Reason">Reason code.</param>
public sealed record CohortClosed(string Cohort, string Reason) : ILedgerEvent;
