using System.Collections.Immutable;
using LearningLedger.Events;

namespace LearningLedger.Frameworks;

/// <summary>A framework's stream folded: its versions, oldest first, and whether it is retired.</summary>
/// <param name="Versions">Version n is at index n-1.</param>
/// <param name="Retired">No new awards are judged under it; its awards stand.</param>
public sealed record FrameworkState(ImmutableList<FrameworkPublished> Versions, bool Retired)
{
    /// <summary>Before the first event.</summary>
    public static FrameworkState None { get; } = new([], false);

    /// <summary>The newest version, or null when nothing was published.</summary>
    public FrameworkPublished? Latest => Versions.IsEmpty ? null : Versions[^1];

    /// <summary>A version by its number, or null.</summary>
    public FrameworkPublished? Find(int version) => version >= 1 && version <= Versions.Count ? Versions[version - 1] : null;

    /// <summary>The state after one more event; events of other families change nothing.</summary>
    public static FrameworkState Evolve(FrameworkState state, ILedgerEvent body) => body switch
    {
        FrameworkPublished published => state with { Versions = state.Versions.Add(published) },
        FrameworkRetired => state with { Retired = true },
        _ => state,
    };
}
