using LearningLedger.Events;

namespace LearningLedger.Frameworks;

/// <summary>Publishing and retiring, decided on the framework's state.</summary>
public static partial class FrameworkRules
{
    /// <summary>Gives <paramref name="definition"/> its version number and hash, unless the very same is published already.</summary>
    /// <param name="state">The state of the stream of <c>definition.Code</c>.</param>
    /// <param name="definition">As handed in: version 0 leaves the number to the ledger, any other must be the one it gets or has.</param>
    public static PublishResult Publish(FrameworkState state, FrameworkDefinition? definition)
    {
        var faults = Validate(definition);
        if (faults.Count > 0)
        {
            return new PublishResult.Invalid(faults);
        }

        // Looked at before retirement, so that sending a file again is answered as it was the first time.
        if (Same(state, definition!) is { } existing)
        {
            return new PublishResult.AlreadyPublished(existing.Definition.Version, existing.Hash);
        }

        if (state.Retired)
        {
            return new PublishResult.Retired();
        }

        var next = state.Versions.Count + 1;
        if (definition!.Version != 0 && definition.Version != next)
        {
            return new PublishResult.WrongVersion(definition.Version, next);
        }

        var numbered = definition with { Version = next };
        return new PublishResult.Published(new FrameworkPublished(numbered, FrameworkHash.Of(numbered)));
    }

    /// <summary>Ends judging under a framework; its awards stand.</summary>
    public static RetireResult Retire(FrameworkState state, string? reason)
    {
        if (!ReasonCode.IsValid(reason))
        {
            return new RetireResult.Invalid([new FieldFault("reason", "must be a reason code, such as superseded")]);
        }

        return state switch
        {
            { Latest: null } => new RetireResult.Unknown(),
            { Retired: true } => new RetireResult.AlreadyRetired(),
            _ => new RetireResult.Retired(new FrameworkRetired(state.Latest.Definition.Code, reason!)),
        };
    }

    /// <summary>The published version with this content: the one the definition names, else (it names none, or the next) the latest.</summary>
    private static FrameworkPublished? Same(FrameworkState state, FrameworkDefinition definition)
    {
        var named = definition.Version == 0 || definition.Version == state.Versions.Count + 1 ? state.Latest : state.Find(definition.Version);
        return named is not null && FrameworkHash.Of(definition with { Version = named.Definition.Version }) == named.Hash ? named : null;
    }
}

/// <summary>What came of publishing.</summary>
public abstract record PublishResult
{
    private PublishResult()
    {
    }

    /// <summary>A new version.</summary>
    public sealed record Published(FrameworkPublished Event) : PublishResult;

    /// <summary>This content is a published version already; nothing to store.</summary>
    public sealed record AlreadyPublished(int Version, string Hash) : PublishResult;

    /// <summary>The definition is faulty.</summary>
    public sealed record Invalid(IReadOnlyList<FieldFault> Faults) : PublishResult;

    /// <summary>It names a version that is neither the next nor one with this content.</summary>
    public sealed record WrongVersion(int Given, int Next) : PublishResult;

    /// <summary>The framework is retired and takes no further version.</summary>
    public sealed record Retired : PublishResult;
}

/// <summary>What came of retiring.</summary>
public abstract record RetireResult
{
    private RetireResult()
    {
    }

    /// <summary>It is retired now.</summary>
    public sealed record Retired(FrameworkRetired Event) : RetireResult;

    /// <summary>It was before; nothing to store.</summary>
    public sealed record AlreadyRetired : RetireResult;

    /// <summary>Nothing was ever published under this code.</summary>
    public sealed record Unknown : RetireResult;

    /// <summary>What was handed in is faulty.</summary>
    public sealed record Invalid(IReadOnlyList<FieldFault> Faults) : RetireResult;
}
