namespace LearningLedger.Service.Host.Demo;

/// <summary>What <c>POST /v1/events</c> answers, as far as the demo reads it.</summary>
internal sealed record PostedAnswer(int Accepted, int Duplicates, IReadOnlyList<PostedReceipt> Receipts);

/// <summary>Where one event lies.</summary>
internal sealed record PostedReceipt(string Id, Guid EventId, Guid Learner);

/// <summary>What publishing a framework answers.</summary>
internal sealed record PublishedAnswer(string Code, int Version);

/// <summary>What the tenant's keys are.</summary>
internal sealed record KeysAnswer(IReadOnlyList<KeyAnswer> Keys);

/// <summary>One key.</summary>
internal sealed record KeyAnswer(string Id, string Name, DateTimeOffset? RevokedAt);

/// <summary>A new key.</summary>
internal sealed record NewKeyAnswer(string Id, string Key);

/// <summary>A learner by what a platform calls them.</summary>
internal sealed record LearnerAnswer(Guid Id);

/// <summary>How far a learner is with a milestone.</summary>
internal sealed record ProgressAnswer(bool Eligible);

/// <summary>The funnel of a cohort.</summary>
internal sealed record FunnelAnswer(string Cohort, long Sequence, DateTimeOffset ComputedAt, IReadOnlyList<FunnelLine> Milestones);

/// <summary>One milestone of it.</summary>
internal sealed record FunnelLine(
    int Level, string Milestone, int Members, int Entered, int InProgress, int Awarded, int Suspended, int Revoked, int Expired)
{
    /// <summary>Members who were granted it and did not lose it by anybody's decision.</summary>
    public int Granted => Awarded + Expired;
}

/// <summary>How long members take to a milestone.</summary>
internal sealed record TimeAnswer(string Milestone, int Learners, int Awarded, int Censored, double? MedianDays);

/// <summary>The skills of a cohort.</summary>
internal sealed record SkillsAnswer(string Cohort, long Sequence, IReadOnlyList<SkillFigures> Skills);

/// <summary>One skill of it, over unvoided attempts.</summary>
internal sealed record SkillFigures(string Skill, int Attempts, int Learners, double? PassRate, double? FirstTryRate, double? MeanScore);
