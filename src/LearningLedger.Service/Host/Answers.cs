using LearningLedger.Service.Store;

namespace LearningLedger.Service.Host;

/// <summary>What a decision is answered.</summary>
/// <param name="Learner">About whom.</param>
/// <param name="Version">The stream's version after it, for <c>If-Match</c>.</param>
/// <param name="Award">The award it is about, if any.</param>
/// <param name="Events">What was recorded, in order.</param>
public sealed record DecisionAnswer(Guid Learner, long Version, Guid? Award, IReadOnlyList<StoredDecision> Events);

/// <summary>Decisions as HTTP answers, and what their requests may say.</summary>
public static class Answers
{
    /// <summary>What <c>If-Match</c> may say, for people.</summary>
    public const string IfMatchRule = "If-Match must be one version as the ETag gives it, such as \"17\".";

    /// <summary>The answer to a decision.</summary>
    /// <param name="context">The request.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="learner">About whom.</param>
    /// <param name="award">The award it is about, if any.</param>
    /// <param name="created">Path of the thing it made: 201; null: 200.</param>
    public static IResult Of(HttpContext context, DecisionOutcome outcome, Guid learner, Guid? award = null, string? created = null)
    {
        switch (outcome)
        {
            case DecisionOutcome.Stored stored:
                var version = stored.Events[^1].Version;
                context.Response.Headers.ETag = $"\"{version}\"";
                if (created is not null)
                {
                    context.Response.Headers.Location = created;
                }

                return Results.Json(new DecisionAnswer(learner, version, award, stored.Events), LedgerJson.Options, statusCode: created is null ? 200 : 201);
            case DecisionOutcome.Refused refused:
                return Problems.Of(refused.Refusal);
            case DecisionOutcome.Moved moved:
                return Problems.PreconditionFailed(moved.Version);
            case DecisionOutcome.Erased erased:
                return Problems.Erased(learner, erased.Since);
            case DecisionOutcome.Contended:
                return Problems.Later(context, 503, "Others write to this learner's stream without pause. Nothing was recorded.", seconds: 1);
            default:
                return Problems.NotFound($"Learner {learner:D}");
        }
    }

    /// <summary>202: what was asked for is on its way.</summary>
    /// <param name="context">The request.</param>
    /// <param name="detail">What is not there yet.</param>
    /// <param name="seconds">When to ask again.</param>
    public static IResult NotYet(HttpContext context, string detail, int seconds)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Results.Json(new Pending(detail), LedgerJson.Options, statusCode: 202);
    }

    private sealed record Pending(string Detail);

    /// <summary>Reads <c>If-Match</c>: absent, or one quoted version; false when it is anything else.</summary>
    public static bool TryIfMatch(HttpContext context, out long? version)
    {
        version = null;
        string? header = context.Request.Headers.IfMatch;
        if (string.IsNullOrEmpty(header) || header == "*")
        {
            return true;
        }

        var good = long.TryParse(header.Trim().Trim('"'), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seen);
        version = good ? seen : null;
        return good;
    }
}
