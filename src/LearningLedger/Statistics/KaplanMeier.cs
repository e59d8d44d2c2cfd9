namespace LearningLedger.Statistics;

/// <summary>How long somebody was watched, and whether it ended with what was waited for.</summary>
/// <param name="Time">0 or more, in any unit.</param>
/// <param name="Happened">False: censored, not seen to happen by then.</param>
public readonly record struct Duration(double Time, bool Happened);

/// <summary>A survival curve at one of its times.</summary>
/// <param name="Time">The time.</param>
/// <param name="AtRisk">Watched until then and not ended before; who is censored at a time is at risk at it.</param>
/// <param name="Happened">To how many it happened at that time.</param>
/// <param name="Censored">How many were last seen at that time.</param>
/// <param name="Survival">Probability of it not having happened by then, that time included.</param>
/// <param name="Variance">Greenwood's estimate of the variance of <paramref name="Survival"/>; NaN once that is 0.</param>
/// <param name="Band">Pointwise interval by the log(-log) transformation; null while the curve is at 1 or 0, where that has no value.</param>
public sealed record SurvivalPoint(double Time, int AtRisk, int Happened, int Censored, double Survival, double Variance, Interval? Band);

/// <summary>
/// The product-limit estimator of Kaplan and Meier (1958) with Greenwood's variance and the log(-log) band of Kalbfleisch and Prentice (1980), 1.3;
/// the same conventions as <c>survfit</c> of R's package survival with <c>conf.type = "log-log"</c>.
/// </summary>
/// <param name="Points">One for each distinct time, ascending.</param>
public sealed record KaplanMeier(IReadOnlyList<SurvivalPoint> Points)
{
    // Equality with one half is judged with this much room, as the product has rounding errors.
    private const double Room = 1e-9;

    /// <summary>Estimates the curve.</summary>
    public static KaplanMeier Of(IEnumerable<Duration> durations)
    {
        var byTime = durations.GroupBy(d => d.Time).OrderBy(g => g.Key).Select(g => (Time: g.Key, Happened: g.Count(d => d.Happened), All: g.Count())).ToList();
        var points = new List<SurvivalPoint>(byTime.Count);
        var (atRisk, survival, relative) = (byTime.Sum(t => t.All), 1.0, 0.0);
        foreach (var (time, happened, all) in byTime)
        {
            survival *= (double)(atRisk - happened) / atRisk;
            relative += happened / ((double)atRisk * (atRisk - happened));
            points.Add(new SurvivalPoint(time, atRisk, happened, all - happened, survival, survival * survival * relative, Band(survival, relative)));
            atRisk -= all;
        }

        return new KaplanMeier(points);
    }

    /// <summary>The time by which it has happened to half; null when the curve does not come down to one half.</summary>
    /// <remarks>Where the curve runs at exactly one half for a while, the middle of that while.</remarks>
    public double? Median => Half(Points.Select(p => (p.Time, (double?)p.Survival)));

    /// <summary>
    /// Lower end of the median's interval by Brookmeyer and Crowley (1982): where the band's lower line comes down to one half; null when it does not.
    /// </summary>
    public double? MedianLower => Half(Points.Select(p => (p.Time, p.Band?.Lower)));

    /// <summary>Upper end of the median's interval: where the band's upper line comes down to one half; null when it does not.</summary>
    public double? MedianUpper => Half(Points.Select(p => (p.Time, p.Band?.Upper)));

    private static Interval? Band(double survival, double relative)
    {
        if (survival is <= 0 or >= 1)
        {
            return null;
        }

        var reach = Interval.Z * Math.Sqrt(relative) / Math.Log(survival);
        return new Interval(Math.Pow(survival, Math.Exp(-reach)), Math.Pow(survival, Math.Exp(reach)));
    }

    private static double? Half(IEnumerable<(double Time, double? Line)> steps)
    {
        double? from = null;
        foreach (var (time, line) in steps)
        {
            if (from is null && Math.Abs((line ?? 1) - 0.5) <= Room)
            {
                from = time;
            }
            else if (line < 0.5 - Room)
            {
                return from is null ? time : (from.Value + time) / 2;
            }
        }

        return from;
    }
}
