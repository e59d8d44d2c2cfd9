using LearningLedger.Awards;
using LearningLedger.Service.Store;
using Wolverine.ErrorHandling;
using Wolverine.Runtime.Handlers;

namespace LearningLedger.Service.Awards;

/// <summary>Award to a learner what follows by rule. Says only where to look: what follows is found when it is handled.</summary>
/// <param name="Tenant">The learner's tenant.</param>
/// <param name="Learner">The learner.</param>
public sealed record AwardMilestones(string Tenant, Guid Learner);

/// <summary>Decides automatic awards. The same message handled many times, here or on several nodes at once, gives each award once.</summary>
public static class AwardMilestonesHandler
{
    /// <summary>
    /// A failure may pass by itself, such as a database that is away for a while; and a message given up would leave the award undecided until
    /// the learner's next event.
    /// </summary>
    public static void Configure(HandlerChain chain) =>
        chain.OnAnyException()
            .RetryWithCooldown(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2))
            .Then.ScheduleRetry(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1));

    /// <summary>Locks the learner's stream, decides on its current state all that follows, and stores it in one save.</summary>
    /// <exception cref="AwardContendedException">Others wrote to the stream without pause; to be tried again.</exception>
    public static async Task Handle(AwardMilestones message, LearnerDecisions decisions, CancellationToken cancellation)
    {
        var outcome = await decisions.DecideAsync(
            DecidedBy.Policy(message.Tenant, "award"), message.Learner,
            ground => (AutomaticAwards.Decide(message.Tenant, ground.Transcript, ground.InForce), null),
            ifMatch: null, exclusive: true, cancellation);
        if (outcome is DecisionOutcome.Contended)
        {
            throw new AwardContendedException(message.Learner);
        }
    }
}

/// <summary>An automatic award lost every race for the learner's stream.</summary>
/// <param name="learner">The learner.</param>
public sealed class AwardContendedException(Guid learner) : Exception($"The stream of learner {learner:D} was written to without pause.");
