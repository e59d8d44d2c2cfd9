using LearningLedger.Attempts;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Attempts;

/// <summary>Why an attempt is to count no more.</summary>
/// <param name="Reason">A code of 1 to 63 of <c>a-z0-9-</c>; it is public.</param>
/// <param name="Note">Words of the person; stored sealed. At most 4,000 characters.</param>
public sealed record VoidAttempt(string? Reason, string? Note = null);

/// <summary>People void attempts. An attempt stays visible; awards that rest on it are flagged.</summary>
public static class VoidAttemptEndpoint
{
    /// <summary>Voids an attempt: 200; 404 unknown learner or attempt, 410 erased, 409 voided before, 412, 422.</summary>
    [WolverinePost("/v1/learners/{learner}/attempts/{eventId}/void"), RequiresScope(Scopes.AwardsDecide)]
    public static async Task<IResult> Post(
        Guid learner, Guid eventId, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<VoidAttempt>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (command!.Note is { Length: > Limits.Text })
        {
            return Problems.Unprocessable("note", $"must not be longer than {Limits.Text} characters.");
        }

        if (!Answers.TryIfMatch(context, out var ifMatch))
        {
            return Problems.BadRequest(Answers.IfMatchRule);
        }

        var outcome = await decisions.DecideAsync(
            DecidedBy.Of(context), learner,
            ground => AttemptRules.Void(ground.Transcript, eventId, command.Reason ?? "", ground.Seal("note", command.Note), time.GetUtcNow()),
            ifMatch, cancellation);
        return Answers.Of(context, outcome, learner);
    }
}
