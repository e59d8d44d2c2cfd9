using System.Globalization;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Analytics;

/// <summary>What a question says beside the cohort, each as text.</summary>
/// <param name="values">By name; others than those a question knows mean nothing to it.</param>
public sealed class Parameters(IReadOnlyDictionary<string, string> values)
{
    /// <summary>None.</summary>
    public static Parameters None { get; } = new(new Dictionary<string, string>());

    /// <summary>Those of a query string; of a name given twice the first.</summary>
    public static Parameters Of(IQueryCollection query) => new(query.Where(q => q.Value.Count > 0).ToDictionary(q => q.Key, q => q.Value[0]!));

    /// <summary>A parameter; null where it is absent or empty.</summary>
    public string? Text(string name) => values.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    /// <summary>A number of days, 1 to 3,650; the problem where it is something else.</summary>
    public IResult? Days(int otherwise, out int days)
    {
        days = otherwise;
        return Text("days") is not { } text || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out days) && days is >= 1 and <= 3_650)
            ? null
            : Problems.BadRequest("days must be a whole number from 1 to 3650.");
    }
}
