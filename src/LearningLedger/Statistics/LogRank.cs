using MathNet.Numerics;

namespace LearningLedger.Statistics;

/// <summary>
/// The log-rank test of Mantel (1966) that two groups have the same survival curve, with hypergeometric variance; the same as <c>survdiff</c> of R's
/// package survival with <c>rho = 0</c>.
/// </summary>
/// <param name="Observed">Happened in the first group.</param>
/// <param name="Expected">Would have happened there if the groups were alike.</param>
/// <param name="ChiSquared">(observed - expected)² ÷ variance, on 1 degree of freedom.</param>
/// <param name="P">Probability of a difference at least as large if they are alike.</param>
public sealed record LogRank(int Observed, double Expected, double ChiSquared, double P)
{
    /// <summary>Compares two groups; null when there is nothing to tell them apart by.</summary>
    public static LogRank? Of(IReadOnlyCollection<Duration> first, IReadOnlyCollection<Duration> second)
    {
        var (expected, variance) = (0.0, 0.0);
        double inFirst = first.Count, all = first.Count + second.Count;
        foreach (var time in first.Select(d => (d.Time, d.Happened, First: true)).Concat(second.Select(d => (d.Time, d.Happened, First: false))).GroupBy(d => d.Time).OrderBy(t => t.Key))
        {
            var happened = time.Count(d => d.Happened);
            expected += happened * inFirst / all;
            variance += all > 1 ? happened * (inFirst / all) * (1 - (inFirst / all)) * (all - happened) / (all - 1) : 0;
            inFirst -= time.Count(d => d.First);
            all -= time.Count();
        }

        if (variance <= 0)
        {
            return null;
        }

        var observed = first.Count(d => d.Happened);
        var chi = (observed - expected) * (observed - expected) / variance;
        return new LogRank(observed, expected, chi, SpecialFunctions.Erfc(Math.Sqrt(chi / 2)));
    }
}
