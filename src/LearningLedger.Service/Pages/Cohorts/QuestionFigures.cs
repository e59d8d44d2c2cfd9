using LearningLedger.Statistics;

namespace LearningLedger.Service.Pages.Cohorts;

// What the pages beside the cohort's own read of the API's answers; a figure that is absent is hidden because it would tell of too few people.

/// <summary>Members without progress.</summary>
public sealed record StuckFigures(
    long Sequence, DateTimeOffset ComputedAt, int Days, long? Members, long? Stuck, IReadOnlyList<BlockedRow> Blocked, IReadOnlyList<StuckRow>? Learners = null);

/// <summary>What blocks some of them.</summary>
public sealed record BlockedRow(int Level, string Milestone, string? Skill, long? Learners);

/// <summary>One of them; best is a score 0 to 1.</summary>
public sealed record StuckRow(Guid Learner, string Milestone, DateTimeOffset LastProgress, decimal IdleDays, string? Skill, long Attempts, decimal? Best);

/// <summary>Awards that end soon.</summary>
public sealed record ExpiringFigures(int Days, IReadOnlyList<ExpiringRow> Milestones, IReadOnlyList<EndingAward>? Awards = null);

/// <summary>How many of one milestone.</summary>
public sealed record ExpiringRow(int? Level, string Milestone, long? Awards);

/// <summary>One of them.</summary>
public sealed record EndingAward(Guid Learner, string Milestone, DateTimeOffset ExpiresAt);

/// <summary>How evidence is judged.</summary>
public sealed record AssessorsFigures(
    long Sequence, DateTimeOffset ComputedAt, IReadOnlyList<AssessorRow> Assessors, IReadOnlyList<AgreementRow> Agreement, OverallKappa? Overall = null);

/// <summary>One assessor; the rate is 0 to 1.</summary>
public sealed record AssessorRow(
    string Assessor, long? Reviews, long? Learners, double? AcceptanceRate, Interval? AcceptanceInterval, double? MedianHours, IReadOnlyList<string>? Flags = null);

/// <summary>Two of them.</summary>
public sealed record AgreementRow(string Assessor, string Other, long? Items, double? Kappa, double? StandardError);

/// <summary>All of them.</summary>
public sealed record OverallKappa(long Items, double? FleissKappa);

/// <summary>A cohort against another.</summary>
public sealed record ComparisonFigures(
    string With, long Sequence, DateTimeOffset ComputedAt, int MinimumCell, IReadOnlyList<ComparedMilestone> Milestones, IReadOnlyList<ComparedSkill> Skills);

/// <summary>A milestone of both; the difference is of shares 0 to 1.</summary>
public sealed record ComparedMilestone(int Level, string Milestone, ComparedShare First, ComparedShare Second, double? Difference, Interval? Interval);

/// <summary>How many of how many.</summary>
public sealed record ComparedShare(long? Members, long? Awarded, double? Share);

/// <summary>A skill of both.</summary>
public sealed record ComparedSkill(string Skill, ComparedScores First, ComparedScores Second, double? HedgesG, Interval? Interval);

/// <summary>First attempts; the mean is of scores 0 to 1.</summary>
public sealed record ComparedScores(long? Learners, double? Mean);
