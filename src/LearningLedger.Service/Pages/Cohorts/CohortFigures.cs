using LearningLedger.Statistics;

namespace LearningLedger.Service.Pages.Cohorts;

// What the page reads of the API's answers; a figure that is absent is hidden because it would tell of too few people.

/// <summary>How far a cohort has come.</summary>
public sealed record FunnelFigures(string Framework, int FrameworkVersion, long Sequence, DateTimeOffset ComputedAt, IReadOnlyList<FunnelRow> Milestones, int MinimumCell = 1);

/// <summary>One milestone; counts are of people.</summary>
public sealed record FunnelRow(
    int Level, string Milestone, long? Members, long? Entered, long? InProgress, long? Awarded, long? Suspended, long? Revoked, long? Expired);

/// <summary>How hard the skills are.</summary>
public sealed record SkillsFigures(long Sequence, IReadOnlyList<SkillRow> Skills);

/// <summary>One skill; rates 0 to 1.</summary>
public sealed record SkillRow(
    string Skill, long? Attempts, long? Learners, double? PassRate, double? FirstTryRate, double? MeanScore, Interval? PassRateInterval = null,
    double? MedianTriesToPass = null, double? Discrimination = null, IReadOnlyList<string>? Flags = null);

/// <summary>How long members take to a milestone.</summary>
public sealed record WaitingFigures(
    string Milestone, long? Learners, long? Awarded, long? Censored, double? MedianDays, Ends? MedianInterval, IReadOnlyList<WaitingPoint> Curve);

/// <summary>An interval that may have no end on one side.</summary>
public sealed record Ends(double? Lower, double? Upper);

/// <summary>A point of the curve: the probability of still waiting, with its band.</summary>
public sealed record WaitingPoint(double Days, int AtRisk, int Awarded, int Censored, double Survival, double? Lower, double? Upper);

/// <summary>Who of a cohort has mastered what.</summary>
public sealed record MasteryFigures(IReadOnlyList<CohortRow>? Cohorts);

/// <summary>A cohort of the heat map.</summary>
public sealed record CohortRow(string Cohort, long? Members, IReadOnlyList<MasteryCell> Skills);

/// <summary>A skill of it: members who tried, and who passed.</summary>
public sealed record MasteryCell(string Skill, long? Tried, long? Passed);

/// <summary>What happened week by week.</summary>
public sealed record TrendFigures(IReadOnlyList<WeekRow> Weeks);

/// <summary>One week, by its Monday.</summary>
public sealed record WeekRow(DateOnly Week, long? Attempts, long? Learners, long? Evidence, long? Awarded, long? Joined, long? Ended);
