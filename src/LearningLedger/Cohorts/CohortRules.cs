using LearningLedger.Events;
using LearningLedger.Frameworks;

namespace LearningLedger.Cohorts;

/// <summary>Decisions about a cohort.</summary>
public static class CohortRules
{
    /// <summary>Opens a cohort. Opening it again with the same words changes nothing.</summary>
    /// <param name="state">The state of the stream of <paramref name="code"/>.</param>
    /// <param name="code">Its code.</param>
    /// <param name="name">Its name.</param>
    /// <param name="framework">The framework its members are judged under.</param>
    /// <param name="version">The version pinned for them; null: always the latest.</param>
    public static CohortResult Open(CohortState state, string? code, string? name, FrameworkState framework, int? version)
    {
        var faults = new FaultList();
        faults.Code("code", code);
        faults.Text("name", name, FrameworkRules.LongestTitle);
        if (framework.Latest is null)
        {
            faults.Add("framework", "is not published");
        }
        else if (version is { } v && framework.Find(v) is null)
        {
            faults.Add("version", $"was never published; the latest is {framework.Versions.Count}");
        }

        if (faults.All.Count > 0)
        {
            return new CohortResult.Invalid(faults.All);
        }

        var opened = new CohortOpened(code!, name!, framework.Latest!.Definition.Code, version);
        return state.Opened switch
        {
            null when framework.Retired => new CohortResult.Refused(CohortRefusal.FrameworkRetired),
            null => new CohortResult.Changed(opened),
            _ when state.Opened != opened => new CohortResult.Refused(CohortRefusal.OpenedOtherwise),
            _ => new CohortResult.Unchanged(),
        };
    }

    /// <summary>Takes a learner in from <paramref name="at"/> on. Who belongs at that time already, joins no second time.</summary>
    public static CohortResult Join(CohortState state, Guid learner, DateTimeOffset at) => state switch
    {
        { Opened: null } => new CohortResult.Refused(CohortRefusal.Unknown),
        { Closed: true } => new CohortResult.Refused(CohortRefusal.Closed),
        _ when state.IsMember(learner, at) => new CohortResult.Unchanged(),
        _ => new CohortResult.Changed(new CohortJoined(state.Opened.Cohort, learner)),
    };

    /// <summary>Ends a membership at <paramref name="at"/>. Possible in a closed cohort too: late word of it is still true.</summary>
    public static CohortResult Leave(CohortState state, Guid learner, DateTimeOffset at) => state switch
    {
        { Opened: null } => new CohortResult.Refused(CohortRefusal.Unknown),
        _ when !state.IsMember(learner, at) => new CohortResult.Refused(CohortRefusal.NotAMember),
        _ => new CohortResult.Changed(new CohortLeft(state.Opened.Cohort, learner)),
    };

    /// <summary>Closes a cohort; its members are then judged as if they were in none.</summary>
    public static CohortResult Close(CohortState state, string? reason) => state switch
    {
        { Opened: null } => new CohortResult.Refused(CohortRefusal.Unknown),
        _ when !ReasonCode.IsValid(reason) => new CohortResult.Invalid([new FieldFault("reason", "must be a reason code, such as finished")]),
        { Closed: true } => new CohortResult.Unchanged(),
        _ => new CohortResult.Changed(new CohortClosed(state.Opened.Cohort, reason!)),
    };
}
