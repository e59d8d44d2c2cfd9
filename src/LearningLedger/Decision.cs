using LearningLedger.Events;

namespace LearningLedger;

/// <summary>What a decision function found: events to append, or a refusal; never both, never neither.</summary>
/// <remarks>
/// The n-th event (0, 1, ...) is to be appended at version v = position.version + 1 + n of the transcript the decision was made on, under the
/// event id <see cref="LedgerIds.Decision"/>(tenant, learner, v), and under that expected version. Later events of one decision may name the
/// ids of earlier ones, so no other id will do.
/// </remarks>
public sealed record Decision
{
    private Decision(IReadOnlyList<DecidedEvent> events, Refusal? refusal) => (Events, Refusal) = (events, refusal);

    /// <summary>The events in order; empty exactly when refused.</summary>
    public IReadOnlyList<DecidedEvent> Events { get; }

    /// <summary>Why nothing was decided; null exactly when decided.</summary>
    public Refusal? Refusal { get; }

    /// <summary>A decision of one event.</summary>
    public static implicit operator Decision(DecidedEvent decided) => new([decided], null);

    /// <summary>A refusal.</summary>
    public static implicit operator Decision(Refusal refusal) => new([], refusal);
}

/// <summary>An event that was decided and not yet appended.</summary>
/// <param name="Data">The body.</param>
/// <param name="Occurred">
/// The time for the event's <c>occurred</c> header, UTC: when the decision takes effect. So what was true at a time T can be asked by
/// <c>occurredBy</c> whenever the decision was made.
/// </param>
public sealed record DecidedEvent(ILedgerEvent Data, DateTimeOffset Occurred);
