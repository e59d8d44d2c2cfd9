using JasperFx.Events;
using LearningLedger.Cohorts;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Mappings;
using LearningLedger.Transcripts;
using Marten.Events.Aggregation;

namespace LearningLedger.Service.Store;

// The names of these types are stored as the stream's type (`learner`, `framework`, `cohort`, `report`, `mapping`): part of the stored format.

/// <summary>A framework's stream, as Marten folds it for a decision.</summary>
public sealed class Framework
{
    /// <summary>The stream's id.</summary>
    public Guid Id { get; set; }

    /// <summary>The fold of all events of the stream.</summary>
    public required FrameworkState State { get; init; }
}

/// <summary>A cohort's stream, as Marten folds it for a decision.</summary>
public sealed class Cohort
{
    /// <summary>The stream's id.</summary>
    public Guid Id { get; set; }

    /// <summary>The fold of all events of the stream.</summary>
    public required CohortState State { get; init; }
}

/// <summary>A framework's mapping, as Marten folds it for a decision.</summary>
public sealed class Mapping
{
    /// <summary>The stream's id.</summary>
    public Guid Id { get; set; }

    /// <summary>The fold of all events of the stream.</summary>
    public required MappingState State { get; init; }
}

/// <summary>The saved reports of a tenant: a decision about them needs to know only how many there are.</summary>
public sealed class Report
{
    /// <summary>The stream's id.</summary>
    public Guid Id { get; set; }

    /// <summary>How many there are, which is the stream's version.</summary>
    public required long Saved { get; init; }
}

/// <summary>A learner's stream, as Marten folds it for a decision: live, never from a snapshot.</summary>
/// <remarks>Facts are appended by SQL past Marten, so an inline snapshot would be old under the current version, and nobody would notice.</remarks>
public sealed class Learner
{
    /// <summary>The stream's id, which is the learner's.</summary>
    public Guid Id { get; set; }

    /// <summary>The fold of all events of the stream.</summary>
    public required Transcript Transcript { get; init; }
}

/// <summary>Forwards to the core's fold.</summary>
public sealed class FrameworkFold : SingleStreamProjection<Framework, Guid>
{
    /// <inheritdoc/>
    public override Framework Evolve(Framework? snapshot, Guid id, IEvent e) =>
        new() { Id = id, State = FrameworkState.Evolve(snapshot?.State ?? FrameworkState.None, (ILedgerEvent)e.Data) };
}

/// <summary>Forwards to the core's fold.</summary>
public sealed class CohortFold : SingleStreamProjection<Cohort, Guid>
{
    /// <inheritdoc/>
    public override Cohort Evolve(Cohort? snapshot, Guid id, IEvent e) =>
        new() { Id = id, State = CohortState.Evolve(snapshot?.State ?? CohortState.None, RecordedEvents.Of(e)) };
}

/// <summary>Forwards to the core's fold.</summary>
public sealed class MappingFold : SingleStreamProjection<Mapping, Guid>
{
    /// <inheritdoc/>
    public override Mapping Evolve(Mapping? snapshot, Guid id, IEvent e) =>
        new() { Id = id, State = MappingState.Evolve(snapshot?.State ?? MappingState.None, (ILedgerEvent)e.Data) };
}

/// <summary>Counts.</summary>
public sealed class ReportFold : SingleStreamProjection<Report, Guid>
{
    /// <inheritdoc/>
    public override Report Evolve(Report? snapshot, Guid id, IEvent e) => new() { Id = id, Saved = (snapshot?.Saved ?? 0) + 1 };
}

/// <summary>Forwards to the core's fold.</summary>
public sealed class LearnerFold : SingleStreamProjection<Learner, Guid>
{
    /// <inheritdoc/>
    public override Learner Evolve(Learner? snapshot, Guid id, IEvent e) =>
        new() { Id = id, Transcript = (snapshot?.Transcript ?? Transcript.Empty(id)).Evolve(RecordedEvents.Of(e)) };
}
