using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Transcripts;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Awards;

/// <summary>One award, as the learner's transcript shows it.</summary>
public static class ReadAwardEndpoint
{
    /// <summary>Where an award is read.</summary>
    internal static string Path(Guid learner, Guid? award) => $"/v1/learners/{learner:D}/awards/{award:D}";

    /// <summary>The award with its basis and history; its <c>ETag</c> is the version of the stream it was read at. 404 unknown learner or award, 410 erased.</summary>
    [WolverineGet("/v1/learners/{learner}/awards/{award}"), RequiresScope(Scopes.TranscriptsRead)]
    public static async Task<IResult> Get(Guid learner, Guid award, HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var history = await LearnerHistory.ReadAsync(connection, context.Caller().Tenant, learner, cancellation);
        if (history.Own is not [{ Data: LearnerRegistered }, ..])
        {
            return Problems.NotFound($"Learner {learner:D}");
        }

        if (history.Own[^1] is { Data: LearnerErased, Recorded: var erased })
        {
            return Problems.Erased(learner, erased);
        }

        var document = TranscriptDocument.Of(Transcript.Fold(learner, history.All));
        if (document.Milestones.FirstOrDefault(line => line.Award == award) is not { } found)
        {
            return Problems.NotFound($"Award {award:D}");
        }

        context.Response.Headers.ETag = $"\"{document.Position.Version}\"";
        return Results.Json(found, LedgerJson.Options);
    }
}
