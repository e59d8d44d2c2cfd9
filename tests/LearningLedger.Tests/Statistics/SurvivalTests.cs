using LearningLedger.Statistics;

namespace LearningLedger.Tests.Statistics;

/// <summary>
/// Expected values are those of R 4.2.2, package survival 3.5-3, printed with 15 digits by
/// <c>survfit(Surv(t, e) ~ 1, conf.type = "log-log")</c>, <c>summary(...)$std.err^2</c> and <c>survdiff(Surv(t, e) ~ g)</c>.
/// The remission times are those of Freireich et al. (1963), Blood 21, 699-716, in weeks, a worked example of Kalbfleisch and Prentice (1980), Cox and
/// Oakes (1984) and Kleinbaum and Klein (2012), who give the medians 23 and 8 and a log-rank statistic of 16.79.
/// </summary>
public class SurvivalTests
{
    private const double Exactly = 1e-9;

    private static readonly Duration[] Treated = Of("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
    private static readonly Duration[] Placebo = Of("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23");

    // Maintained group of the data set aml: Miller (1997), Survival Analysis, p. 49.
    private static readonly Duration[] Maintained = Of("9 13 13+ 18 23 28+ 31 34 45+ 48 161+");

    [Fact]
    public void Estimates_the_curve_its_variance_and_its_band_as_survfit_does()
    {
        double[][] expected =
        [
            [6, 21, 3, 1, 0.857142857142857, 0.00583090379008746, 0.619717955265984, 0.951551747646997],
            [7, 17, 1, 0, 0.80672268907563, 0.00755774380933787, 0.563146564622233, 0.92280901920288],
            [9, 16, 0, 1, 0.80672268907563, 0.00755774380933787, 0.563146564622233, 0.92280901920288],
            [10, 15, 1, 1, 0.752941176470588, 0.00928325563212597, 0.503199510799957, 0.889361835169265],
            [11, 13, 0, 1, 0.752941176470588, 0.00928325563212597, 0.503199510799957, 0.889361835169265],
            [13, 12, 1, 0, 0.690196078431372, 0.0114093817970607, 0.431610222486184, 0.849065963349451],
            [16, 11, 1, 0, 0.627450980392157, 0.0130082841800055, 0.367510855987502, 0.804912189471841],
            [17, 10, 0, 1, 0.627450980392157, 0.0130082841800055, 0.367510855987502, 0.804912189471841],
            [19, 9, 0, 1, 0.627450980392157, 0.0130082841800055, 0.367510855987502, 0.804912189471841],
            [20, 8, 0, 1, 0.627450980392157, 0.0130082841800055, 0.367510855987502, 0.804912189471841],
            [22, 7, 1, 0, 0.53781512605042, 0.0164438950732707, 0.267778936767135, 0.746790717635394],
            [23, 6, 1, 0, 0.448179271708683, 0.0181148602316377, 0.188052005959232, 0.680142628495241],
            [25, 5, 0, 1, 0.448179271708683, 0.0181148602316377, 0.188052005959232, 0.680142628495241],
            [32, 4, 0, 2, 0.448179271708683, 0.0181148602316377, 0.188052005959232, 0.680142628495241],
            [34, 2, 0, 1, 0.448179271708683, 0.0181148602316377, 0.188052005959232, 0.680142628495241],
            [35, 1, 0, 1, 0.448179271708683, 0.0181148602316377, 0.188052005959232, 0.680142628495241],
        ];

        var points = KaplanMeier.Of(Treated.Reverse()).Points;

        Assert.Equal(expected.Length, points.Count);
        Assert.All(expected.Zip(points), pair =>
        {
            var (e, p) = pair;
            Assert.Equal((e[0], (int)e[1], (int)e[2], (int)e[3]), (p.Time, p.AtRisk, p.Happened, p.Censored));
            Assert.Equal(e[4], p.Survival, Exactly);
            Assert.Equal(e[5], p.Variance, Exactly);
            Assert.Equal(e[6], p.Band!.Lower, Exactly);
            Assert.Equal(e[7], p.Band.Upper, Exactly);
        });
    }

    [Fact]
    public void Has_no_band_where_the_curve_is_at_one_or_at_zero()
    {
        var points = KaplanMeier.Of(Of("1+ 2 3")).Points;

        Assert.Equal([true, false, true], points.Select(p => p.Band is null));
        Assert.Equal([1, 0.5, 0], points.Select(p => p.Survival));
    }

    public static TheoryData<string, double?, double?, double?> Medians => new()
    {
        { "treated", 23, 13, null },
        { "placebo", 8, 4, 11 },
        { "maintained", 31, 13, null },
        { "1 2 3 4", 2.5, 1, null },
        { "1 2 3+ 4 5 6 7+ 8+", 5, 1, null },
        { "1+ 2+", null, null, null },
    };

    [Theory, MemberData(nameof(Medians))]
    public void Finds_the_median_and_its_interval_as_survfit_does(string which, double? median, double? lower, double? upper)
    {
        var curve = KaplanMeier.Of(which switch { "treated" => Treated, "placebo" => Placebo, "maintained" => Maintained, _ => Of(which) });

        Assert.Equal((median, lower, upper), (curve.Median, curve.MedianLower, curve.MedianUpper));
    }

    [Fact]
    public void Tests_two_curves_as_survdiff_does()
    {
        var test = LogRank.Of(Treated, Placebo)!;

        Assert.Equal(9, test.Observed);
        Assert.Equal(19.2505009480311, test.Expected, Exactly);
        Assert.Equal(16.7929409892165, test.ChiSquared, Exactly);
        Assert.Equal(4.16880910933453e-05, test.P, 1e-15);
        Assert.Equal(test.ChiSquared, LogRank.Of(Placebo, Treated)!.ChiSquared, Exactly);
    }

    [Theory, InlineData("1+ 2+", "3+"), InlineData("", "1 2"), InlineData("5", "5")]
    public void Tests_nothing_where_nothing_can_differ(string first, string second) => Assert.Null(LogRank.Of(Of(first), Of(second)));

    private static Duration[] Of(string times) =>
        [.. times.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => new Duration(double.Parse(t.TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture), !t.EndsWith('+')))];
}
