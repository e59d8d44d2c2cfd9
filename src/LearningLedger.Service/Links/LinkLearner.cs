using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Links;

/// <summary>A learner who is the same person.</summary>
/// <param name="Learner">The learner's UUID.</param>
/// <param name="Reason">Reason code, such as <c>same-person</c>.</param>
/// <param name="Note">In words, sealed; or absent.</param>
public sealed record LinkLearner(Guid? Learner, string? Reason, string? Note = null);

/// <summary>A link, as it is answered.</summary>
/// <param name="Lead">The learner whose transcript folds both streams, and whom all identifiers mean.</param>
/// <param name="Learner">The learner who is linked to them.</param>
public sealed record LearnerLink(Guid Lead, Guid Learner);

/// <summary>Admins join learners who are one person.</summary>
public static class LinkLearnerEndpoint
{
    /// <summary>
    /// Links another learner to this one: 201. From here on the other's identifiers mean this one, whose transcript folds both streams; what lies in the
    /// other's stream stays there and is decided there. 404 unknown, 410 erased, 409 linked already or leading others, 422.
    /// </summary>
    [WolverinePost("/v1/learners/{learner}/links"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(Guid learner, HttpContext context, LearnerLinks links, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<LinkLearner>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (command!.Learner is not { } other)
        {
            return Problems.Unprocessable("learner", "is required: the UUID of the learner who is the same person.");
        }

        if (command.Note is { Length: > Limits.Text })
        {
            return Problems.Unprocessable("note", $"must have {Limits.Text} characters at most.");
        }

        var outcome = await links.LinkAsync(DecidedBy.Of(context), learner, other, command.Reason, command.Note, cancellation);
        return Answer(context, outcome, () =>
        {
            context.Response.Headers.Location = $"/v1/learners/{learner:D}/links";
            return Results.Json(new LearnerLink(learner, other), LedgerJson.Options, statusCode: 201);
        });
    }

    /// <summary>An outcome as HTTP.</summary>
    internal static IResult Answer(HttpContext context, LinkOutcome outcome, Func<IResult> done) => outcome switch
    {
        LinkOutcome.Done => done(),
        LinkOutcome.Refused refused => Problems.Of(refused.Refusal),
        LinkOutcome.Unknown unknown => Problems.NotFound($"Learner {unknown.Learner:D}"),
        LinkOutcome.Erased erased => Problems.Erased(erased.Learner, erased.Since),
        _ => Problems.Later(context, 503, "Others write to these learners' streams without pause. Nothing was recorded.", seconds: 1),
    };
}
