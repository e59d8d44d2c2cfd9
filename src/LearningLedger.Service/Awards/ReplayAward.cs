using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Awards;

/// <summary>An award judged again as of the moments it was granted and renewed.</summary>
/// <param name="Award">The award.</param>
/// <param name="Milestone">Code of the milestone.</param>
/// <param name="Framework">Code of the framework.</param>
/// <param name="FrameworkVersion">The version that granted it.</param>
/// <param name="RuleHash">SHA-256 of the rule, as recorded.</param>
/// <param name="Same">Whether the rule gives for every decision what was recorded.</param>
/// <param name="Decisions">The grant, then every renewal.</param>
public sealed record AwardReplayAnswer(
    Guid Award, string Milestone, string Framework, int FrameworkVersion, string RuleHash, bool Same, IReadOnlyList<ReplayedDecision> Decisions);

/// <summary>A grant or renewal judged again.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Version">Its version in the learner's stream.</param>
/// <param name="Sequence">Its global order number.</param>
/// <param name="Differences">Where the rule gives something else than was recorded; empty: nowhere.</param>
public sealed record ReplayedDecision(Guid EventId, string Type, long Version, long Sequence, IReadOnlyList<ReplayDifference> Differences);

/// <summary>Auditors judge awards again.</summary>
public static class ReplayAwardEndpoint
{
    /// <summary>Folds the stream up to each grant and renewal and applies the rule of the version that granted it; 404 unknown learner or award, 410 erased.</summary>
    [WolverineGet("/v1/learners/{learner}/awards/{award}/replay"), RequiresScope(Scopes.AuditRead)]
    public static async Task<IResult> Get(
        Guid learner, Guid award, HttpContext context, NpgsqlDataSource database, Catalogue catalogue, CancellationToken cancellation)
    {
        var tenant = context.Caller().Tenant;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var events = await RecordedEvents.OfStreamAsync(connection, tenant, learner, long.MaxValue, cancellation);
        if (events is not [{ Data: LearnerRegistered }, ..])
        {
            return Problems.NotFound($"Learner {learner:D}");
        }

        if (events[^1] is { Data: LearnerErased, Recorded: var erased })
        {
            return Problems.Erased(learner, erased);
        }

        if (events.Select(e => e.Data).OfType<MilestoneAwarded>().FirstOrDefault(grant => grant.Award == award) is not { } granted)
        {
            return Problems.NotFound($"Award {award:D}");
        }

        var framework = (await catalogue.CurrentAsync(tenant, cancellation)).Version(granted.Framework, granted.FrameworkVersion);
        var linked = new Dictionary<Guid, IReadOnlyList<RecordedEvent>>();
        foreach (var other in events.Select(e => e.Data).OfType<LearnerLinked>().Where(l => l.Leads).Select(l => l.Other).Distinct())
        {
            linked[other] = await RecordedEvents.OfStreamAsync(connection, tenant, other, long.MaxValue, cancellation);
        }

        var replayed = events
            .Where(e => e.Data is MilestoneAwarded { Award: var grant } ? grant == award : e.Data is AwardRenewed renewal && renewal.Award == award)
            .Select(e => new ReplayedDecision(
                e.EventId, e.Type, e.Version, e.Sequence,
                framework is null
                    ? [new ReplayDifference("framework", $"{granted.Milestone} of {granted.Framework}/{granted.FrameworkVersion}", null)]
                    : AwardReplay.Check(e, events, other => linked[other], framework)))
            .ToList();
        return Results.Json(
            new AwardReplayAnswer(
                award, granted.Milestone, granted.Framework, granted.FrameworkVersion, granted.RuleHash, replayed.All(d => d.Differences.Count == 0), replayed),
            LedgerJson.Options);
    }
}
