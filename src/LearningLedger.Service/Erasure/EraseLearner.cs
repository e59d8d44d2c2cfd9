using LearningLedger.Erasure;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Erasure;

/// <summary>Why a learner is erased. It outlives what is erased: nothing of it may name the person.</summary>
/// <param name="Ground">Code of the legal ground, 1 to 63 of <c>a-z0-9-</c>, such as <c>gdpr-17-1-b</c>.</param>
/// <param name="Reference">Where the request is filed, 1 to 64 of <c>A-Za-z0-9._/-</c>, or absent.</param>
public sealed record EraseLearner(string? Ground, string? Reference = null);

/// <summary>An erasure that is recorded.</summary>
/// <param name="Learner">The learner.</param>
/// <param name="ErasedSince">When it was recorded, UTC.</param>
/// <param name="EventId">The event <c>learner.erased</c>; its leaf in the log is of kind <c>erasure</c>.</param>
/// <param name="Version">Its version, the last of the learner's stream.</param>
public sealed record LearnerErasure(Guid Learner, DateTimeOffset ErasedSince, Guid EventId, long Version);

/// <summary>Admins erase learners.</summary>
public static class EraseLearnerEndpoint
{
    /// <summary>
    /// Erases a learner for good: 200, also when that was done before, with the values of the first time. Content, key and identifiers are destroyed
    /// in the transaction that records the erasure; event ids, types and times stay, so older proofs of other events hold, events sent again are
    /// duplicates, and a new event under one of the identifiers makes a new learner.
    /// 404 unknown; 409 linked to another, or another to the learner; 422 ground or reference; 503 with Retry-After while events of the learner wait to be logged.
    /// </summary>
    [WolverinePost("/v1/learners/{learner}/erasure"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(
        Guid learner, HttpContext context, LearnerErasures erasures, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<EraseLearner>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (ErasureRules.Check(command!.Ground, command.Reference) is { } refusal)
        {
            return Problems.Of(refusal);
        }

        return await erasures.EraseAsync(DecidedBy.Of(context), learner, command.Ground!, command.Reference, cancellation) switch
        {
            ErasureOutcome.Done { Erased: var erased } => Results.Json(
                new LearnerErasure(learner, erased.Since, erased.EventId, erased.Version), LedgerJson.Options),
            ErasureOutcome.Linked => Problems.Conflict("The learner is linked: end the link, and erase each of the two. Nothing was erased."),
            ErasureOutcome.TooEarly => Problems.Later(context, 503, "Events of the learner wait to be logged. Nothing was erased.", seconds: 5),
            _ => Problems.NotFound($"Learner {learner:D}"),
        };
    }
}
