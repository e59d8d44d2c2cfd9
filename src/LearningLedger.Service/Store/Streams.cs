namespace LearningLedger.Service.Store;

// The names of these three types are stored as the stream's type (`learner`, `framework`, `cohort`): part of the stored format.

/// <summary>A framework's stream, as Marten knows it.</summary>
public sealed class Framework
{
    /// <summary>The stream's id.</summary>
    public Guid Id { get; set; }
}

/// <summary>A cohort's stream, as Marten knows it.</summary>
public sealed class Cohort
{
    /// <summary>The stream's id.</summary>
    public Guid Id { get; set; }
}

/// <summary>A learner's stream, as Marten knows it.</summary>
public sealed class Learner
{
    /// <summary>The stream's id, which is the learner's.</summary>
    public Guid Id { get; set; }
}
