namespace LearningLedger.Statistics;

/// <summary>How a yes or no goes together with a number, from sums that can be taken exactly.</summary>
/// <param name="Yes">How many answered yes.</param>
/// <param name="SumYes">Sum of their numbers.</param>
/// <param name="No">How many answered no.</param>
/// <param name="SumNo">Sum of their numbers.</param>
/// <param name="SumOfSquares">Sum of the squares of all numbers.</param>
public readonly record struct PointBiserial(long Yes, decimal SumYes, long No, decimal SumNo, decimal SumOfSquares)
{
    /// <summary>
    /// The point-biserial correlation, which is Pearson's: (mean of yes - mean of no) ÷ s × √(p q), s with divisor n. With the number being what a
    /// person reached without this item, it is the corrected item-rest discrimination: Crocker and Algina (1986), chapter 14.
    /// </summary>
    /// <returns>-1 to 1; null when all answer alike or all numbers are the same.</returns>
    public double? Correlation
    {
        get
        {
            var n = Yes + No;
            if (Yes == 0 || No == 0)
            {
                return null;
            }

            var sum = SumYes + SumNo;
            var squares = (n * SumOfSquares) - (sum * sum);
            return squares <= 0 ? null : (double)((SumYes * No) - (SumNo * Yes)) / Math.Sqrt((double)squares * Yes * No);
        }
    }
}
