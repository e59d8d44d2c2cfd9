using LearningLedger.Awards;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Awards;

/// <summary>What a person does to an award, and why.</summary>
/// <param name="Reason">A code of 1 to 63 of <c>a-z0-9-</c>; it is public.</param>
/// <param name="Note">Words of the person; stored sealed. At most 4,000 characters.</param>
/// <param name="EffectiveAt">From when: not before the award's last change, at most 24 hours ahead. Absent: now.</param>
public sealed record ChangeAward(string? Reason, string? Note = null, DateTimeOffset? EffectiveAt = null);

/// <summary>People act on awards. Every act answers 200; 404 unknown learner or award, 410 erased, 409 the award's status does not allow it, 412, 422.</summary>
public static class ChangeAwardEndpoint
{
    private delegate Decision Act(DecisionGround ground, AwardAct act, DecidedBy by, DateTimeOffset now);

    /// <summary>Lets a flagged award stand: the flag ends.</summary>
    [WolverinePost("/v1/learners/{learner}/awards/{award}/affirm"), RequiresScope(Scopes.AwardsDecide)]
    public static Task<IResult> Affirm(
        Guid learner, Guid award, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation) =>
        Post(learner, award, context, decisions, settings, time, (ground, act, _, now) => AwardLifecycle.Affirm(ground.Transcript, act, now), cancellation);

    /// <summary>Stops a standing award for the time being.</summary>
    [WolverinePost("/v1/learners/{learner}/awards/{award}/suspend"), RequiresScope(Scopes.AwardsDecide)]
    public static Task<IResult> Suspend(
        Guid learner, Guid award, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation) =>
        Post(learner, award, context, decisions, settings, time, (ground, act, _, now) => AwardLifecycle.Suspend(ground.Transcript, act, now), cancellation);

    /// <summary>Lets a suspended award stand again.</summary>
    [WolverinePost("/v1/learners/{learner}/awards/{award}/reinstate"), RequiresScope(Scopes.AwardsDecide)]
    public static Task<IResult> Reinstate(
        Guid learner, Guid award, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation) =>
        Post(learner, award, context, decisions, settings, time, (ground, act, _, now) => AwardLifecycle.Reinstate(ground.Transcript, act, now), cancellation);

    /// <summary>Withdraws an award for good.</summary>
    [WolverinePost("/v1/learners/{learner}/awards/{award}/revoke"), RequiresScope(Scopes.AwardsDecide)]
    public static Task<IResult> Revoke(
        Guid learner, Guid award, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation) =>
        Post(learner, award, context, decisions, settings, time, (ground, act, _, now) => AwardLifecycle.Revoke(ground.Transcript, act, now), cancellation);

    /// <summary>Confirms a standing or expired award anew, by the rule it was granted under; also 403 who reviewed evidence that counts, 422 with <c>missing</c>.</summary>
    [WolverinePost("/v1/learners/{learner}/awards/{award}/renew"), RequiresScope(Scopes.AwardsDecide)]
    public static Task<IResult> Renew(
        Guid learner, Guid award, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation) =>
        Post(learner, award, context, decisions, settings, time, Renew, cancellation);

    private static Decision Renew(DecisionGround ground, AwardAct act, DecidedBy by, DateTimeOffset now) =>
        ground.Transcript.FindAward(act.Award) is not { } award ? new Refusal.NotFound($"The learner has no award {act.Award}.")
        : ground.Catalogue.Version(award.Framework, award.FrameworkVersion) is not { } grantedUnder
            ? new Refusal.Conflict($"Version {award.FrameworkVersion} of framework {award.Framework}, which granted the award, is not in this ledger.")
            : AwardLifecycle.Renew(ground.Transcript, grantedUnder, act, by.Actor, now);

    private static async Task<IResult> Post(
        Guid learner, Guid award, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, Act decide, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<ChangeAward>(context, settings, cancellation);
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

        var by = DecidedBy.Of(context);
        var outcome = await decisions.DecideAsync(
            by, learner,
            ground => decide(ground, new AwardAct(award, command.Reason ?? "", ground.Seal("note", command.Note), command.EffectiveAt), by, time.GetUtcNow()),
            ifMatch, cancellation);
        return Answers.Of(context, outcome, learner, award);
    }
}
