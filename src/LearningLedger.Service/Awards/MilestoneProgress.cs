using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Transcripts;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Awards;

/// <summary>How far a learner is with a milestone.</summary>
/// <param name="Milestone">Its code.</param>
/// <param name="Framework">Code of its framework.</param>
/// <param name="FrameworkVersion">The version the learner is judged under.</param>
/// <param name="Eligible">Whether its rule is met; says nothing on whether it is awarded.</param>
/// <param name="Missing">All that is missing, in the order of the rule.</param>
public sealed record MilestoneProgress(string Milestone, string Framework, int FrameworkVersion, bool Eligible, IReadOnlyList<MissingReason> Missing);

/// <summary>What a learner still needs.</summary>
public static class MilestoneProgressEndpoint
{
    /// <summary>
    /// Judges the learner's current state under the framework version in force for them; the <c>ETag</c> is the version of the stream.
    /// 404 unknown learner or milestone, 410 erased, 422 a milestone that several frameworks have and no <c>?framework=</c>.
    /// </summary>
    [WolverineGet("/v1/learners/{learner}/milestones/{code}"), RequiresScope(Scopes.TranscriptsRead)]
    public static async Task<IResult> Get(
        Guid learner, string code, string? framework, HttpContext context, NpgsqlDataSource database, Catalogue catalogue, CancellationToken cancellation)
    {
        var tenant = context.Caller().Tenant;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var history = await LearnerHistory.ReadAsync(connection, tenant, learner, cancellation);
        if (history.Own is not [{ Data: LearnerRegistered }, ..])
        {
            return Problems.NotFound($"Learner {learner:D}");
        }

        if (history.Own[^1] is { Data: LearnerErased, Recorded: var erased })
        {
            return Problems.Erased(learner, erased);
        }

        var known = await catalogue.CurrentAsync(tenant, cancellation);
        var inForce = known.InForce(await CohortMembers.CohortsOfAsync(connection, tenant, learner, cancellation));
        var choice = MilestoneChoice.Find(inForce, code, framework);
        if (choice.Wrong is { } wrong)
        {
            return wrong.Ambiguous ? Problems.Unprocessable(wrong.Field, wrong.Message) : Problems.Of(new Refusal.NotFound(wrong.Message));
        }

        var eligibility = AwardPolicy.Evaluate(Transcript.Fold(learner, history.All), choice.Framework!, choice.Milestone!);
        context.Response.Headers.ETag = $"\"{history.Own[^1].Version}\"";
        return Results.Json(
            new MilestoneProgress(
                code, choice.Framework!.Code, choice.Framework.Version, eligibility is Eligibility.Eligible,
                eligibility is Eligibility.Missing { Reasons: var reasons } ? reasons : []),
            LedgerJson.Options);
    }
}
