using LearningLedger.Awards;

namespace LearningLedger;

/// <summary>Why a decision was refused. Closed: these are all there are.</summary>
public abstract record Refusal
{
    private Refusal()
    {
    }

    /// <summary>What the decision is about is not in the learner's stream.</summary>
    /// <param name="Message">A sentence.</param>
    public sealed record NotFound(string Message) : Refusal;

    /// <summary>The state does not allow it.</summary>
    /// <param name="Message">A sentence.</param>
    public sealed record Conflict(string Message) : Refusal;

    /// <summary>A field of the command is wrong whatever the state.</summary>
    /// <param name="Field">Its name, camelCase.</param>
    /// <param name="Message">A sentence.</param>
    public sealed record Invalid(string Field, string Message) : Refusal;

    /// <summary>The milestone's rule is not met.</summary>
    /// <param name="Reasons">All that is missing; never empty.</param>
    public sealed record Missing(IReadOnlyList<MissingReason> Reasons) : Refusal;

    /// <summary>The actor reviewed what the decision rests on.</summary>
    /// <param name="Message">A sentence.</param>
    public sealed record SeparationOfDuties(string Message) : Refusal;
}
