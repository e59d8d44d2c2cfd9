using System.Collections.Frozen;

namespace LearningLedger.Events;

/// <summary>The kind of stream an event lies in.</summary>
public enum StreamFamily
{
    /// <summary>One learner; the id is random.</summary>
    Learner,

    /// <summary>One framework with all its versions.</summary>
    Framework,

    /// <summary>One cohort.</summary>
    Cohort,

    /// <summary>xAPI statements of one group, or one statement of nobody in particular. Statements of learners lie in the learners' streams.</summary>
    Statement,

    /// <summary>The saved reports of one tenant.</summary>
    Report,

    /// <summary>What xAPI statements mean in one framework.</summary>
    Mapping,
}

/// <summary>The stored names of all events. Names are the contract; the .NET types behind them may move.</summary>
public static class EventCatalog
{
    /// <summary>One stored shape.</summary>
    /// <param name="Name">Stored name, and the name on the wire.</param>
    /// <param name="Family">The kind of stream it lies in.</param>
    /// <param name="Body">The .NET type of the body.</param>
    public sealed record Entry(string Name, StreamFamily Family, Type Body);

    /// <summary>Every stored shape. A changed shape gets a new name (<c>name.v2</c>) and an upcast; an entry is never removed or renamed.</summary>
    public static IReadOnlyList<Entry> All { get; } =
    [
        new("learner.registered", StreamFamily.Learner, typeof(LearnerRegistered)),
        new("skill.attempted", StreamFamily.Learner, typeof(SkillAttempted)),
        new("attempt.voided", StreamFamily.Learner, typeof(AttemptVoided)),
        new("evidence.submitted", StreamFamily.Learner, typeof(EvidenceSubmitted)),
        new("evidence.reviewed", StreamFamily.Learner, typeof(EvidenceReviewed)),
        new("evidence.withdrawn", StreamFamily.Learner, typeof(EvidenceWithdrawn)),
        new("milestone.awarded", StreamFamily.Learner, typeof(MilestoneAwarded)),
        new("award.flagged", StreamFamily.Learner, typeof(AwardFlagged)),
        new("award.affirmed", StreamFamily.Learner, typeof(AwardAffirmed)),
        new("award.suspended", StreamFamily.Learner, typeof(AwardSuspended)),
        new("award.reinstated", StreamFamily.Learner, typeof(AwardReinstated)),
        new("award.revoked", StreamFamily.Learner, typeof(AwardRevoked)),
        new("award.expired", StreamFamily.Learner, typeof(AwardExpired)),
        new("award.renewed", StreamFamily.Learner, typeof(AwardRenewed)),
        new("learner.linked", StreamFamily.Learner, typeof(LearnerLinked)),
        new("learner.unlinked", StreamFamily.Learner, typeof(LearnerUnlinked)),
        new("learner.erased", StreamFamily.Learner, typeof(LearnerErased)),
        new("framework.published", StreamFamily.Framework, typeof(FrameworkPublished)),
        new("framework.retired", StreamFamily.Framework, typeof(FrameworkRetired)),
        new("cohort.opened", StreamFamily.Cohort, typeof(CohortOpened)),
        new("cohort.joined", StreamFamily.Cohort, typeof(CohortJoined)),
        new("cohort.left", StreamFamily.Cohort, typeof(CohortLeft)),
        new("cohort.closed", StreamFamily.Cohort, typeof(CohortClosed)),
        new("statement.stored", StreamFamily.Statement, typeof(StatementStored)),
        new("report.saved", StreamFamily.Report, typeof(ReportSaved)),
        new("mapping.published", StreamFamily.Mapping, typeof(MappingPublished)),
    ];

    private static readonly FrozenDictionary<Type, Entry> ByBody = All.ToFrozenDictionary(e => e.Body);
    private static readonly FrozenDictionary<string, Entry> ByName = All.ToFrozenDictionary(e => e.Name);

    /// <summary>The entry of a body's type.</summary>
    public static Entry Of(Type body) => ByBody[body];

    /// <summary>The entry of a stored name, or null.</summary>
    public static Entry? Find(string name) => ByName.GetValueOrDefault(name);
}
