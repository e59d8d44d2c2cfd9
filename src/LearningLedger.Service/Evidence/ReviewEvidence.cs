using LearningLedger.Events;
using LearningLedger.Evidence;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Evidence;

/// <summary>An assessor's verdict.</summary>
/// <param name="Decision"><c>accepted</c> or <c>rejected</c>.</param>
/// <param name="Rubric">Code or IRI of the rubric or rubric level applied.</param>
/// <param name="Comment">Words of the assessor; stored sealed. At most 4,000 characters.</param>
/// <param name="OccurredAt">When the assessor judged; not in the future. Absent: now.</param>
public sealed record ReviewEvidence(Verdict? Decision, string? Rubric = null, string? Comment = null, DateTimeOffset? OccurredAt = null);

/// <summary>Assessors review evidence.</summary>
public static class ReviewEvidenceEndpoint
{
    /// <summary>Records a verdict: 201; 404 unknown learner or evidence, 410 erased, 409 withdrawn, 412, 422.</summary>
    [WolverinePost("/v1/learners/{learner}/evidence/{evidence}/reviews"), RequiresScope(Scopes.EvidenceReview)]
    public static async Task<IResult> Post(
        Guid learner, Guid evidence, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<ReviewEvidence>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (command!.Decision is not { } verdict)
        {
            return Problems.Unprocessable("decision", "is required: accepted or rejected.");
        }

        if (command.Comment is { Length: > Limits.Text })
        {
            return Problems.Unprocessable("comment", $"must not be longer than {Limits.Text} characters.");
        }

        if (!Answers.TryIfMatch(context, out var ifMatch))
        {
            return Problems.BadRequest(Answers.IfMatchRule);
        }

        var outcome = await decisions.DecideAsync(
            DecidedBy.Of(context), learner,
            ground => EvidenceRules.Review(
                ground.Transcript, evidence, verdict, command.Rubric, ground.Seal("comment", command.Comment), command.OccurredAt, time.GetUtcNow()),
            ifMatch, cancellation);
        return Answers.Of(context, outcome, learner, created: $"/v1/learners/{learner:D}/transcript");
    }
}
