using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Wolverine.Http;

namespace LearningLedger.Service.Awards;

/// <summary>A milestone to award.</summary>
/// <param name="Milestone">Its code.</param>
/// <param name="Framework">Code of its framework; may be left out where only one framework in force has the milestone.</param>
public sealed record DecideAward(string? Milestone, string? Framework = null);

/// <summary>People award milestones, under the framework version in force for the learner.</summary>
public static class DecideAwardEndpoint
{
    /// <summary>
    /// Awards a milestone from now on: 201; 403 who reviewed evidence that counts, 404 unknown learner, 410 erased, 409 awarded already, 412,
    /// 422 with <c>missing</c> where the rule is not met.
    /// </summary>
    [WolverinePost("/v1/learners/{learner}/awards"), RequiresScope(Scopes.AwardsDecide)]
    public static async Task<IResult> Post(
        Guid learner, HttpContext context, LearnerDecisions decisions, LedgerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<DecideAward>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (command!.Milestone is not { } milestone)
        {
            return Problems.Unprocessable("milestone", "is required: the code of a milestone.");
        }

        if (!Answers.TryIfMatch(context, out var ifMatch))
        {
            return Problems.BadRequest(Answers.IfMatchRule);
        }

        var by = DecidedBy.Of(context);
        Guid? award = null;
        var outcome = await decisions.DecideAsync(
            by, learner,
            ground =>
            {
                var choice = MilestoneChoice.Find(ground.InForce, milestone, command.Framework);
                Decision decision = choice.Wrong is { } wrong
                    ? new Refusal.Invalid(wrong.Field, wrong.Message)
                    : AwardRules.Award(by.Tenant, ground.Transcript, choice.Framework!, choice.Milestone!, by.Actor, time.GetUtcNow());
                award = decision.Events is [{ Data: MilestoneAwarded granted }] ? granted.Award : null;
                return decision;
            },
            ifMatch, cancellation);
        return Answers.Of(context, outcome, learner, award, created: ReadAwardEndpoint.Path(learner, award));
    }
}
