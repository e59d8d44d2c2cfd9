using LearningLedger.Events;

namespace LearningLedger.Cohorts;

/// <summary>Why a decision about a cohort was refused.</summary>
public enum CohortRefusal
{
    /// <summary>There is no such cohort.</summary>
    Unknown,

    /// <summary>It is open under this code with another name, framework or version.</summary>
    OpenedOtherwise,

    /// <summary>Its framework is retired.</summary>
    FrameworkRetired,

    /// <summary>It is closed and takes nobody in.</summary>
    Closed,

    /// <summary>The learner does not belong to it at that time.</summary>
    NotAMember,
}

/// <summary>What came of a decision about a cohort.</summary>
public abstract record CohortResult
{
    private CohortResult()
    {
    }

    /// <summary>One event to store.</summary>
    public sealed record Changed(ILedgerEvent Event) : CohortResult;

    /// <summary>It is so already; nothing to store.</summary>
    public sealed record Unchanged : CohortResult;

    /// <summary>Not as things are.</summary>
    public sealed record Refused(CohortRefusal Reason) : CohortResult;

    /// <summary>What was handed in is faulty.</summary>
    public sealed record Invalid(IReadOnlyList<FieldFault> Faults) : CohortResult;
}
