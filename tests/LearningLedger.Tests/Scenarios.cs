using System.Text;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Tests;

/// <summary>The words the tests speak: one framework, a few people, and days.</summary>
internal static class Scenarios
{
    public const string Tenant = "acme";
    public const string Platform = "https://lms.example";
    public const string PlatformKey = "key:lms";
    public const string Assessor = "person:ada";
    public const string SecondAssessor = "person:ben";
    public const string Board = "person:board";
    public static readonly Guid Learner = new("3f0c2b4e-6a51-4c2e-9d5b-2a7f0f3d9e11");

    /// <summary>Level 0, automatic: linux and git at 0.8.</summary>
    public static readonly Milestone Foundations = Milestone("foundations", 0, ["linux", "git"]);

    /// <summary>Level 1, automatic: docker at 0.8, on top of foundations.</summary>
    public static readonly Milestone Containers = Milestone("containers", 1, ["docker"], requires: ["foundations"]);

    /// <summary>Level 2, by a person, for two years: deploy at 0.8 and one accepted item of evidence.</summary>
    public static readonly Milestone Operations = Milestone(
        "operations", 2, ["deploy"], evidence: new EvidenceRule(1, 1), decision: AwardDecision.Assessor, validFor: "P2Y");

    /// <summary>All three.</summary>
    public static readonly FrameworkDefinition Engineer = Framework(Foundations, Containers, Operations);

    /// <summary>Nine in the morning of the n-th day of 2026, UTC.</summary>
    public static DateTimeOffset Day(int n) => new DateTimeOffset(2026, 1, 1, 9, 0, 0, TimeSpan.Zero).AddDays(n - 1);

    public static Guid EvidenceId(int n) => new(n, 7, 7, [7, 7, 7, 7, 7, 7, 7, 7]);

    public static Milestone Milestone(
        string code, int level, string[] skills, decimal passing = 0.8m, CountingAttempts attempts = CountingAttempts.Best,
        EvidenceRule? evidence = null, string[]? requires = null, AwardDecision decision = AwardDecision.Automatic, string? validFor = null) =>
        new(code, level, code, "", skills, new AwardRule(passing, attempts, evidence ?? new EvidenceRule(0, 0), requires ?? [], decision, validFor));

    public static FrameworkDefinition Framework(params Milestone[] milestones) => new("engineer", 1, "Engineer", milestones, []);

    public static LearnerStream NewLearner() => new();

    /// <summary>Passed linux on day 1 and git on day 2, so that foundations is due.</summary>
    public static LearnerStream FoundationsPassed() => NewLearner().Attempted("linux", 0.9m, 1).Attempted("git", 0.8m, 2);

    /// <summary>Foundations awarded by the policy, effective on day 2.</summary>
    public static LearnerStream FoundationsAwarded() => FoundationsPassed().PolicyAwards();

    /// <summary>Passed deploy on day 1; evidence 1 submitted on day 2, accepted by the assessor on day 3.</summary>
    public static LearnerStream OperationsMet() =>
        NewLearner().Attempted("deploy", 0.85m, 1).Submitted(1, 2, ["deploy"]).Reviewed(1, Verdict.Accepted, Assessor, 3);

    /// <summary>Operations awarded by the board on day 4, for two years.</summary>
    public static LearnerStream OperationsAwarded() => OperationsMet().Awarded(Operations, Board, 4);

    /// <summary>Everything of a transcript that can be seen, as text to compare.</summary>
    public static string Visible(this Transcript transcript) => string.Join(
        '\n',
        [
            Encoding.UTF8.GetString(TranscriptDocument.Of(transcript).Utf8()),
            .. transcript.Awards.SelectMany(a => a.Doubts),
            .. transcript.Strays,
            $"linked {string.Join(' ', transcript.Linked)} into {transcript.LinkedInto}",
            .. transcript.EarlyWithdrawals.OrderBy(w => w.Key).Select(w => $"{w}"),
            .. transcript.Voidings.OrderBy(v => v.Key).Select(v => $"{v}"),
        ]);

    public static IReadOnlyList<MissingReason> Missing(this Eligibility eligibility) => Assert.IsType<Eligibility.Missing>(eligibility).Reasons;

    public static Eligibility.Eligible Met(this Eligibility eligibility) => Assert.IsType<Eligibility.Eligible>(eligibility);

    public static T Body<T>(this Decision decision)
        where T : ILedgerEvent
    {
        Assert.Null(decision.Refusal);
        return Assert.IsType<T>(Assert.Single(decision.Events).Data);
    }

    public static T Refusal<T>(this Decision decision)
        where T : Refusal
    {
        Assert.Empty(decision.Events);
        return Assert.IsType<T>(decision.Refusal);
    }
}
