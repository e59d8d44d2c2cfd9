using LearningLedger.Service.Host;

namespace LearningLedger.Service.Xapi;

/// <summary>Problems as xAPI numbers them: whatever is wrong with a request's content is 400.</summary>
public static class XapiProblems
{
    /// <summary>400; every fault is listed.</summary>
    public static IResult Invalid(IReadOnlyList<Problems.Fault> faults) => Problems.Of(
        400, "invalid", faults.Count == 1 ? $"{faults[0].Field}: {faults[0].Message}" : $"{faults.Count} faults; nothing was stored.", ("errors", faults));

    /// <summary>400 for one place.</summary>
    public static IResult Invalid(string field, string message) => Invalid([new Problems.Fault(null, field, message)]);
}
