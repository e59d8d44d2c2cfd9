using System.Collections.Frozen;

namespace LearningLedger.Service.Host;

/// <summary>What a key may do.</summary>
public static class Scopes
{
    /// <summary>Post events, cohort members.</summary>
    public const string EventsWrite = "events:write";

    /// <summary>Review evidence.</summary>
    public const string EvidenceReview = "evidence:review";

    /// <summary>Decide awards, void attempts.</summary>
    public const string AwardsDecide = "awards:decide";

    /// <summary>Read learners, transcripts, milestones, frameworks.</summary>
    public const string TranscriptsRead = "transcripts:read";

    /// <summary>Read the audit trail, proofs and log, and all of <see cref="TranscriptsRead"/>.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>Read analytics and reports.</summary>
    public const string AnalyticsRead = "analytics:read";

    /// <summary>Keys, frameworks, cohorts, erasure, within the key's tenant.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope there is.</summary>
    public static readonly FrozenSet<string> All =
        FrozenSet.Create(EventsWrite, EvidenceReview, AwardsDecide, TranscriptsRead, AuditRead, AnalyticsRead, Admin);

    /// <summary>Whether a key holding <paramref name="held"/> may do what <paramref name="needed"/> opens.</summary>
    public static bool Allow(IReadOnlySet<string> held, string needed) =>
        held.Contains(needed) || (needed == TranscriptsRead && held.Contains(AuditRead));
}
