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

    /// <summary>Read the service's metrics; opens them to keys of the operator's tenant only.</summary>
    public const string MetricsRead = "metrics:read";

    /// <summary>Post xAPI statements; <see cref="EventsWrite"/> does as well. This and the following are xAPI's own words.</summary>
    public const string StatementsWrite = "statements/write";

    /// <summary>Read all xAPI statements; <see cref="AuditRead"/> does as well.</summary>
    public const string StatementsRead = "statements/read";

    /// <summary>Read the xAPI statements this key has posted; whoever posts may.</summary>
    public const string StatementsReadMine = "statements/read/mine";

    /// <summary>Read and write xAPI state documents.</summary>
    public const string State = "state";

    /// <summary>Read and write xAPI profile documents of agents and activities.</summary>
    public const string Profile = "profile";

    /// <summary>Everything xAPI offers, and nothing else.</summary>
    public const string AllOfXapi = "all";

    /// <summary>Every scope there is.</summary>
    public static readonly FrozenSet<string> All = FrozenSet.Create(
        EventsWrite, EvidenceReview, AwardsDecide, TranscriptsRead, AuditRead, AnalyticsRead, Admin, MetricsRead,
        StatementsWrite, StatementsRead, StatementsReadMine, State, Profile, AllOfXapi);

    /// <summary>Which other scopes open what a scope opens. A platform that posts events may move to xAPI with the key it has.</summary>
    private static readonly FrozenDictionary<string, string[]> OpenedBy = new Dictionary<string, string[]>
    {
        [TranscriptsRead] = [AuditRead],
        [StatementsWrite] = [EventsWrite, AllOfXapi],
        [StatementsRead] = [AuditRead, AllOfXapi],
        [StatementsReadMine] = [StatementsRead, StatementsWrite, EventsWrite, AuditRead, AllOfXapi],
        [State] = [EventsWrite, AllOfXapi],
        [Profile] = [EventsWrite, AllOfXapi],
    }.ToFrozenDictionary();

    /// <summary>Whether a key holding <paramref name="held"/> may do what <paramref name="needed"/> opens.</summary>
    public static bool Allow(IReadOnlySet<string> held, string needed) =>
        held.Contains(needed) || (OpenedBy.TryGetValue(needed, out var others) && others.Any(held.Contains));
}
