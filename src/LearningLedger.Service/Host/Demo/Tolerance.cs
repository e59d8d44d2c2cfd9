namespace LearningLedger.Service.Host.Demo;

/// <summary>A 95 % interval as answers carry it.</summary>
internal sealed record IntervalAnswer(double Lower, double Upper);

/// <summary>How near a figure must come to the simulation's truth. Counts, codes, scores and times have no tolerance at all.</summary>
internal static class Tolerance
{
    /// <summary>Of shares, means and effects worked out a second time from the same facts; the ledger keeps twelve decimals.</summary>
    private const double Worked = 1e-9;

    /// <summary>Of estimates, in standard errors of what is simulated: chance leaves these once in two million, so no seed is unlucky.</summary>
    public const double StandardErrors = 5;

    /// <summary>Fewest things an estimate rests on that is held to <see cref="StandardErrors"/>: of fewer, chance has longer tails.</summary>
    public const int Enough = 20;

    /// <summary>Whether two figures worked out from the same facts are the same, or both absent.</summary>
    public static bool Same(double? said, double? should) => said is null == should is null && Math.Abs((said ?? 0) - (should ?? 0)) <= Worked;

    /// <summary>Whether the truth lies in the 95 % interval of an estimate, stretched to twice its width: one in ten thousand does not.</summary>
    public static bool Holds(double? estimate, IntervalAnswer? interval, double truth) =>
        truth >= estimate - (2 * (estimate - interval?.Lower)) && truth <= estimate + (2 * (interval?.Upper - estimate));

    /// <summary>Rows of an answer that differ from what they should be, are missing, or should not be there.</summary>
    /// <param name="said">What the ledger answers.</param>
    /// <param name="should">What the simulation knows.</param>
    /// <param name="same">Whether two rows agree; null: where they are equal.</param>
    public static IEnumerable<string> Differences<T>(
        IEnumerable<(string What, T Row)> said, IEnumerable<(string What, T Row)> should, Func<T, T, bool>? same = null)
        where T : notnull
    {
        var told = said.ToLookup(r => r.What, r => r.Row);
        var known = should.ToDictionary(r => r.What, r => r.Row);
        same ??= (a, b) => a.Equals(b);
        return known.Where(k => told[k.Key].Count() != 1 || !same(told[k.Key].Single(), k.Value))
            .Select(k => $"{k.Key}: {(told.Contains(k.Key) ? string.Join(" and ", told[k.Key]) : "missing")}, should be {k.Value}")
            .Concat(told.Where(t => !known.ContainsKey(t.Key)).Select(t => $"{t.Key}: {string.Join(" and ", t)}, should not be there"));
    }
}
