using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Transcripts;

/// <summary>The learner a platform means.</summary>
/// <param name="Id">The learner's UUID.</param>
public sealed record FoundLearner(Guid Id);

/// <summary>From a platform's name for a learner to the learner.</summary>
public static class FindLearnerEndpoint
{
    /// <summary>The learner that events with this <c>source</c> and <c>subject</c> are about: 404 when there were none, 422 when a parameter is missing.</summary>
    [WolverineGet("/v1/learners"), RequiresScope(Scopes.TranscriptsRead)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        string? source = context.Request.Query["source"], subject = context.Request.Query["subject"];
        var faults = new List<Problems.Fault>();
        if (string.IsNullOrEmpty(source))
        {
            faults.Add(new(null, "source", "is required: the URI of the platform."));
        }

        if (string.IsNullOrEmpty(subject))
        {
            faults.Add(new(null, "subject", "is required: what the platform calls the learner."));
        }

        if (faults.Count > 0)
        {
            return Problems.Unprocessable(faults);
        }

        await using var command = database.CreateCommand(
            "select learner from registry.identity where tenant = $1 and scheme = 'account' and issuer = $2 and value = $3");
        command.Parameters.Add(new() { Value = context.Caller().Tenant });
        command.Parameters.Add(new() { Value = source! });
        command.Parameters.Add(new() { Value = subject! });
        return await command.ExecuteScalarAsync(cancellation) is Guid learner
            ? Results.Json(new FoundLearner(learner), LedgerJson.Options)
            : Problems.NotFound("A learner of that source and subject");
    }
}
