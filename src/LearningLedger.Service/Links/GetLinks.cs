using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Transcripts;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Links;

/// <summary>With whom a learner is one person.</summary>
/// <param name="Learner">The learner.</param>
/// <param name="Linked">Those who are linked to them, in the order of their ids.</param>
/// <param name="LinkedInto">The one they are linked to; absent: nobody.</param>
public sealed record LearnerLinkList(Guid Learner, IReadOnlyList<Guid> Linked, Guid? LinkedInto);

/// <summary>A learner's links.</summary>
public static class GetLinksEndpoint
{
    /// <summary>Those that last; 404 unknown, 410 erased.</summary>
    [WolverineGet("/v1/learners/{learner}/links"), RequiresScope(Scopes.TranscriptsRead, Scopes.Admin)]
    public static async Task<IResult> Get(Guid learner, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var tenant = context.Caller().Tenant;
        if (await LearnerStreams.RefusalAsync(database, tenant, learner, cancellation) is { } refusal)
        {
            return refusal;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var transcript = Transcript.Fold(learner, await RecordedEvents.OfStreamAsync(connection, tenant, learner, long.MaxValue, cancellation));
        return Results.Json(new LearnerLinkList(learner, [.. transcript.Linked], transcript.LinkedInto), LedgerJson.Options);
    }
}
