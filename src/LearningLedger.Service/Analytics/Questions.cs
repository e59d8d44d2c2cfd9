using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;

namespace LearningLedger.Service.Analytics;

/// <summary>The questions about a cohort by the names their routes have, for those who ask them in other ways than by their routes.</summary>
internal static class Questions
{
    /// <summary>A question.</summary>
    /// <param name="Ask">Answers it.</param>
    /// <param name="OfTime">Whether the answer changes as time goes by, though nothing happens in the cohort.</param>
    /// <param name="Parameters">Names of the parameters it knows beside <c>asOf</c>.</param>
    internal sealed record Question(Ask Ask, bool OfTime, params string[] Parameters);

    /// <summary>Time to a milestone, the one question that is asked once for each milestone.</summary>
    internal const string TimeToMilestone = "time-to-milestone";

    /// <summary>All of them.</summary>
    internal static readonly FrozenDictionary<string, Question> All = new Dictionary<string, Question>
    {
        ["funnel"] = new(GetFunnelEndpoint.AskAsync, OfTime: false),
        [TimeToMilestone] = new(GetTimeToMilestoneEndpoint.AskAsync, OfTime: true, "milestone", "with"),
        ["skills"] = new(GetSkillsEndpoint.AskAsync, OfTime: false),
        ["mastery"] = new(GetMasteryEndpoint.AskAsync, OfTime: false, "by", "with"),
        ["assessors"] = new(GetAssessorsEndpoint.AskAsync, OfTime: false),
        ["trends"] = new(GetTrendsEndpoint.AskAsync, OfTime: false),
        ["stuck"] = new(GetStuckEndpoint.AskAsync, OfTime: true, "days"),
        ["compare"] = new(GetCompareEndpoint.AskAsync, OfTime: false, "with"),
        ["expiring"] = new(GetExpiringEndpoint.AskAsync, OfTime: true, "days"),
    }.ToFrozenDictionary();

    /// <summary>The bytes of an answer, as its route sends them.</summary>
    internal static byte[] Bytes(object answer) => JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), LedgerJson.Options);

    /// <summary>Their SHA-256, 64 lower-case hex digits.</summary>
    internal static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
