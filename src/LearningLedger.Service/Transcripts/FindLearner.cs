using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Transcripts;

/// <summary>The learner a platform means.</summary>
/// <param name="Id">The learner's UUID.</param>
public sealed record FoundLearner(Guid Id);

/// <summary>From a platform's name for a learner to the learner.</summary>
public static class FindLearnerEndpoint
{
    private static readonly string[] Schemes = ["mbox", "mbox_sha1sum", "openid"];

    /// <summary>
    /// The learner that events with this <c>source</c> and <c>subject</c> are about, or xAPI statements of an actor with this <c>mbox</c>, <c>mbox_sha1sum</c> or
    /// <c>openid</c>: 404 when there were none, 422 when a parameter is missing.
    /// </summary>
    [WolverineGet("/v1/learners"), RequiresScope(Scopes.TranscriptsRead)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        string? source = context.Request.Query["source"], subject = context.Request.Query["subject"];
        var scheme = Array.Find(Schemes, s => !string.IsNullOrEmpty(context.Request.Query[s]));
        var faults = new List<Problems.Fault>();
        if (scheme is null && string.IsNullOrEmpty(source))
        {
            faults.Add(new(null, "source", "is required: the URI of the platform. Or one of mbox, mbox_sha1sum and openid."));
        }

        if (scheme is null && string.IsNullOrEmpty(subject))
        {
            faults.Add(new(null, "subject", "is required: what the platform calls the learner."));
        }

        if (faults.Count > 0)
        {
            return Problems.Unprocessable(faults);
        }

        await using var command = database.CreateCommand(
            "select learner from registry.identity where tenant = $1 and scheme = $2 and issuer = $3 and value = $4");
        command.Parameters.Add(new() { Value = context.Caller().Tenant });
        command.Parameters.Add(new() { Value = scheme ?? Identity.Account });
        command.Parameters.Add(new() { Value = scheme is null ? source! : "" });
        command.Parameters.Add(new() { Value = scheme is null ? subject! : context.Request.Query[scheme].ToString() });
        return await command.ExecuteScalarAsync(cancellation) is Guid learner
            ? Results.Json(new FoundLearner(learner), LedgerJson.Options)
            : Problems.NotFound(scheme is null ? "A learner of that source and subject" : $"A learner of that {scheme}");
    }
}
