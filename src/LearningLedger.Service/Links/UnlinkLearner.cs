using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Links;

/// <summary>Why a link ends.</summary>
/// <param name="Reason">Reason code, such as <c>joined-by-mistake</c>.</param>
/// <param name="Note">In words, sealed; or absent.</param>
public sealed record UnlinkLearner(string? Reason, string? Note = null);

/// <summary>Admins split learners who were joined by mistake.</summary>
public static class UnlinkLearnerEndpoint
{
    /// <summary>
    /// Ends a link: 200. Identifiers mean whom they meant before; what was recorded meanwhile stays where it is, and awards of the one who led that rest on
    /// the other's events are flagged. 404 unknown or not linked, 410 erased, 422.
    /// </summary>
    [WolverinePost("/v1/learners/{learner}/links/{other}/end"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(Guid learner, Guid other, HttpContext context, LearnerLinks links, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<UnlinkLearner>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (command!.Note is { Length: > Limits.Text })
        {
            return Problems.Unprocessable("note", $"must have {Limits.Text} characters at most.");
        }

        return LinkLearnerEndpoint.Answer(
            context, await links.UnlinkAsync(DecidedBy.Of(context), learner, other, command.Reason, command.Note, cancellation),
            () => Results.Json(new LearnerLink(learner, other), LedgerJson.Options));
    }
}
