namespace LearningLedger.Statistics;

/// <summary>A share of a whole, and the difference of two.</summary>
public static class Proportion
{
    /// <summary>The score interval of Wilson (1927), without continuity correction: Newcombe (1998), Statistics in Medicine 17, 857-872, method 3.</summary>
    /// <param name="part">How many have the property, 0 to <paramref name="whole"/>.</param>
    /// <param name="whole">Of how many.</param>
    /// <returns>Null when <paramref name="whole"/> is 0.</returns>
    public static Interval? Wilson(long part, long whole)
    {
        if (whole == 0)
        {
            return null;
        }

        var (n, p, zz) = ((double)whole, (double)part / whole, Interval.Z * Interval.Z);
        var centre = p + (zz / (2 * n));
        var half = Interval.Z * Math.Sqrt(((p * (1 - p)) + (zz / (4 * n))) / n);

        // At the ends of the scale the limit is exact; rounding would put it a little beyond.
        return new Interval(
            part == 0 ? 0 : (centre - half) / (1 + (zz / n)),
            part == whole ? 1 : (centre + half) / (1 + (zz / n)));
    }

    /// <summary>Difference of two independent proportions with the interval of Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.</summary>
    /// <returns>First minus second; null when either whole is 0.</returns>
    public static (double Value, Interval Interval)? Difference(long part1, long whole1, long part2, long whole2)
    {
        if (Wilson(part1, whole1) is not { } first || Wilson(part2, whole2) is not { } second)
        {
            return null;
        }

        var (p1, p2) = ((double)part1 / whole1, (double)part2 / whole2);
        return (p1 - p2, new Interval(
            p1 - p2 - Math.Sqrt(Square(p1 - first.Lower) + Square(second.Upper - p2)),
            p1 - p2 + Math.Sqrt(Square(first.Upper - p1) + Square(p2 - second.Lower))));
    }

    private static double Square(double x) => x * x;
}
