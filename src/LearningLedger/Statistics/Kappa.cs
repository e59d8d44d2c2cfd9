namespace LearningLedger.Statistics;

/// <summary>Agreement beyond chance.</summary>
public static class Kappa
{
    /// <summary>
    /// Two raters: Cohen (1960), with the large-sample standard error of Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72, 323-327.
    /// </summary>
    /// <param name="table">[i, j]: how many things the first rater put into category i and the second into j.</param>
    /// <returns>Null when nothing was rated, or when chance alone would make both always agree.</returns>
    public static (double Value, double StandardError)? Cohen(long[,] table)
    {
        var k = table.GetLength(0);
        var n = (double)table.Cast<long>().Sum();
        var rows = Enumerable.Range(0, k).Select(i => Enumerable.Range(0, k).Sum(j => table[i, j]) / n).ToArray();
        var columns = Enumerable.Range(0, k).Select(j => Enumerable.Range(0, k).Sum(i => table[i, j]) / n).ToArray();
        var agreed = Enumerable.Range(0, k).Sum(i => table[i, i]) / n;
        var chance = Enumerable.Range(0, k).Sum(i => rows[i] * columns[i]);
        if (n == 0 || chance >= 1)
        {
            return null;
        }

        var kappa = (agreed - chance) / (1 - chance);
        var (same, other) = (0.0, 0.0);
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < k; j++)
            {
                var p = table[i, j] / n;
                if (i == j)
                {
                    same += p * Square(1 - ((rows[i] + columns[i]) * (1 - kappa)));
                }
                else
                {
                    other += p * Square(columns[i] + rows[j]);
                }
            }
        }

        var variance = (same + (Square(1 - kappa) * other) - Square(kappa - (chance * (1 - kappa)))) / (n * Square(1 - chance));
        return (kappa, Math.Sqrt(Math.Max(0, variance)));
    }

    /// <summary>Many raters: Fleiss (1971), Psychological Bulletin 76, 378-382. Raters may differ from thing to thing; things rated once are left out.</summary>
    /// <param name="ratings">For each thing, how many raters chose each category. Where their number differs, each thing weighs the same.</param>
    /// <returns>Null when nothing was rated twice, or when all ratings are of one category.</returns>
    public static double? Fleiss(IEnumerable<IReadOnlyList<int>> ratings)
    {
        var things = ratings.Where(r => r.Sum() > 1).ToList();
        if (things.Count == 0)
        {
            return null;
        }

        var agreed = things.Average(r => (double)r.Sum(x => (long)x * (x - 1)) / ((long)r.Sum() * (r.Sum() - 1)));
        var chance = Enumerable.Range(0, things[0].Count).Sum(c => Square(things.Average(r => (double)r[c] / r.Sum())));
        return chance >= 1 - 1e-12 ? null : (agreed - chance) / (1 - chance);
    }

    private static double Square(double x) => x * x;
}
