using System.Collections.Immutable;
using LearningLedger.Events;

namespace LearningLedger.Mappings;

/// <summary>A mapping's stream folded: its versions, oldest first.</summary>
/// <param name="Versions">Version n is at index n-1.</param>
public sealed record MappingState(ImmutableList<MappingPublished> Versions)
{
    /// <summary>Before the first event.</summary>
    public static MappingState None { get; } = new([]);

    /// <summary>The newest version, or null when nothing was published.</summary>
    public MappingPublished? Latest => Versions.IsEmpty ? null : Versions[^1];

    /// <summary>The state after one more event; events of other families change nothing.</summary>
    public static MappingState Evolve(MappingState state, ILedgerEvent body) =>
        body is MappingPublished published ? new MappingState(state.Versions.Add(published)) : state;
}
