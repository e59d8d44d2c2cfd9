using LearningLedger.Statistics;

namespace LearningLedger.Tests.Statistics;

public class ProportionTests
{
    private const double Exactly = 1e-9;

    /// <summary>
    /// The examples of Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (0.2553 to 0.3662, 0.0624 to 0.1605, 0 to 0.1611, 0.0061 to
    /// 0.1718), with the digits of R 4.2.2: <c>prop.test(x, n, correct = FALSE)$conf.int</c>.
    /// </summary>
    [Theory]
    [InlineData(81, 263, 0.255288519878274, 0.3662095769828)]
    [InlineData(15, 148, 0.0623863995307363, 0.160487241723308)]
    [InlineData(0, 20, 0, 0.161125158052819)]
    [InlineData(1, 29, 0.00611321429276266, 0.171755218793203)]
    [InlineData(29, 29, 0.883030201500259, 1)]
    public void Has_the_interval_of_Wilson(long part, long whole, double lower, double upper)
    {
        var interval = Proportion.Wilson(part, whole)!;

        Assert.Equal(lower, interval.Lower, Exactly);
        Assert.Equal(upper, interval.Upper, Exactly);
    }

    /// <summary>
    /// The examples of Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10 (0.0524 to 0.3339, 0.1705 to 0.8090, 0.6791 to 1, -0.0381 to
    /// 0.1926), with the digits of Python's statsmodels 0.13.5: <c>confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff")</c>.
    /// </summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.05243147240236498, 0.33387265403690614)]
    [InlineData(9, 10, 3, 10, 0.1705227239345029, 0.809017973535488)]
    [InlineData(10, 10, 0, 20, 0.6790860371419145, 1)]
    [InlineData(5, 56, 0, 29, -0.038137147903536936, 0.19256001385511165)]
    public void Differs_with_the_interval_of_Newcombe(long part1, long whole1, long part2, long whole2, double lower, double upper)
    {
        var (value, interval) = Proportion.Difference(part1, whole1, part2, whole2)!.Value;

        Assert.Equal(((double)part1 / whole1) - ((double)part2 / whole2), value, Exactly);
        Assert.Equal(lower, interval.Lower, Exactly);
        Assert.Equal(upper, interval.Upper, Exactly);
    }

    [Fact]
    public void Of_nobody_there_is_no_share()
    {
        Assert.Null(Proportion.Wilson(0, 0));
        Assert.Null(Proportion.Difference(1, 2, 0, 0));
    }
}
