namespace LearningLedger.Statistics;

/// <summary>Numbers of one group, summed exactly.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="SumOfSquares">Sum of their squares.</param>
public readonly record struct Sums(long Count, decimal Sum, decimal SumOfSquares)
{
    /// <summary>Their mean.</summary>
    public double Mean => (double)(Sum / Count);

    /// <summary>Sum of the squared distances from the mean.</summary>
    public double Scatter => (double)(SumOfSquares - (Sum * Sum / Count));
}

/// <summary>
/// Standardised difference of two means with the small-sample correction: Hedges (1981), J = 1 - 3 ÷ (4 df - 1), and the large-sample variance of
/// Hedges and Olkin (1985) as Borenstein et al. (2009), Introduction to Meta-Analysis, formulas 4.18 to 4.24, give it.
/// </summary>
/// <param name="Value">In pooled standard deviations; positive where the first mean is larger.</param>
/// <param name="Interval">By the normal approximation.</param>
public sealed record HedgesG(double Value, Interval Interval)
{
    /// <summary>Compares two groups; null when a group has fewer than two numbers, or none of them differs within its group.</summary>
    public static HedgesG? Of(Sums first, Sums second)
    {
        if (first.Count < 2 || second.Count < 2)
        {
            return null;
        }

        var freedom = first.Count + second.Count - 2;
        var pooled = Math.Sqrt((first.Scatter + second.Scatter) / freedom);
        if (pooled <= 0)
        {
            return null;
        }

        var d = (first.Mean - second.Mean) / pooled;
        var correction = 1 - (3.0 / ((4 * freedom) - 1));
        var variance = ((double)(first.Count + second.Count) / (first.Count * second.Count)) + (d * d / (2 * (first.Count + second.Count)));
        var (g, half) = (correction * d, Interval.Z * correction * Math.Sqrt(variance));
        return new HedgesG(g, new Interval(g - half, g + half));
    }
}
