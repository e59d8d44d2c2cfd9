using LearningLedger.Statistics;

namespace LearningLedger.Tests.Statistics;

public class AgreementTests
{
    private const double Exactly = 1e-9;

    /// <summary>
    /// Values and standard errors by R 4.2.2, <c>vcd::Kappa</c> 1.4-11, and alike by Python's statsmodels 0.13.5, <c>cohens_kappa(table)</c>
    /// (<c>kappa</c>, <c>std_kappa</c>). The third table is that of Cohen (1960) in hundredths of 200, whose kappa he gives as 0.492.
    /// </summary>
    [Theory]
    [InlineData(new long[] { 20, 5, 10, 15 }, 0.4, 0.12699606293110033)]
    [InlineData(new long[] { 53, 5, 2, 11, 14, 5, 1, 6, 3 }, 0.4285714285714285, 0.0759588315346638)]
    [InlineData(new long[] { 88, 14, 18, 10, 40, 10, 2, 6, 12 }, 0.49152542372881347, 0.05100181557607786)]
    public void Of_two_raters_is_Cohens_kappa(long[] cells, double kappa, double standardError)
    {
        var (value, error) = Kappa.Cohen(Square(cells))!.Value;

        Assert.Equal(kappa, value, Exactly);
        Assert.Equal(standardError, error, Exactly);
    }

    [Theory, InlineData(new long[] { 0, 0, 0, 0 }), InlineData(new long[] { 7, 0, 0, 0 })]
    public void Is_not_told_where_nothing_was_rated_or_chance_explains_all(long[] cells) => Assert.Null(Kappa.Cohen(Square(cells)));

    /// <summary>Ten things rated by 14 raters into five categories, a worked example with kappa 0.210; digits by statsmodels 0.13.5, <c>fleiss_kappa(table)</c>.</summary>
    [Fact]
    public void Of_many_raters_is_Fleiss_kappa()
    {
        int[][] ratings =
        [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ];

        Assert.Equal(0.20993070442195522, Kappa.Fleiss(ratings)!.Value, Exactly);
        Assert.Equal(Kappa.Fleiss(ratings), Kappa.Fleiss([.. ratings, [1, 0, 0, 0, 0]]));
        Assert.Null(Kappa.Fleiss([[1, 0], [0, 1]]));
        Assert.Null(Kappa.Fleiss([[3, 0], [2, 0]]));
    }

    private static long[,] Square(long[] cells)
    {
        var k = (int)Math.Sqrt(cells.Length);
        var table = new long[k, k];
        for (var i = 0; i < cells.Length; i++)
        {
            table[i / k, i % k] = cells[i];
        }

        return table;
    }
}
