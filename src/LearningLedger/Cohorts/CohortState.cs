using System.Collections.Immutable;
using LearningLedger.Events;

namespace LearningLedger.Cohorts;

/// <summary>A cohort's stream folded. Membership follows from the set of joins and leaves, whatever order they were recorded in.</summary>
/// <param name="Opened">How it was opened; null before that.</param>
/// <param name="Closed">It takes no more part in judging.</param>
/// <param name="Moves">Joins and leaves of each learner, by occurred, then sequence.</param>
public sealed record CohortState(CohortOpened? Opened, bool Closed, ImmutableDictionary<Guid, ImmutableSortedSet<Move>> Moves)
{
    /// <summary>Before the first event.</summary>
    public static CohortState None { get; } = new(null, false, ImmutableDictionary<Guid, ImmutableSortedSet<Move>>.Empty);

    /// <summary>Whether the learner belongs to the cohort at <paramref name="time"/>.</summary>
    public bool IsMember(Guid learner, DateTimeOffset time) => MembershipsOf(learner).Any(m => m.Covers(time));

    /// <summary>Everybody who belongs to the cohort at <paramref name="time"/>, in no order.</summary>
    public IEnumerable<Guid> MembersAt(DateTimeOffset time) => Moves.Keys.Where(learner => IsMember(learner, time));

    /// <summary>The learner's memberships, earliest first; they never overlap.</summary>
    public IReadOnlyList<Membership> MembershipsOf(Guid learner) => Membership.Of(Moves.GetValueOrDefault(learner, []));

    /// <summary>The state after one more event; events of other families change nothing.</summary>
    public static CohortState Evolve(CohortState state, RecordedEvent recorded) => recorded.Data switch
    {
        CohortOpened opened => state with { Opened = opened },
        CohortJoined joined => state.With(joined.Learner, new Move(recorded.Occurred, recorded.Sequence, Joins: true)),
        CohortLeft left => state.With(left.Learner, new Move(recorded.Occurred, recorded.Sequence, Joins: false)),
        CohortClosed => state with { Closed = true },
        _ => state,
    };

    private CohortState With(Guid learner, Move move) => this with { Moves = Moves.SetItem(learner, Moves.GetValueOrDefault(learner, []).Add(move)) };
}
