using LearningLedger.Statistics;

namespace LearningLedger.Tests.Statistics;

public class EffectTests
{
    private const double Exactly = 1e-9;

    /// <summary>Ten people, five items. Expected: R 4.2.2, <c>psych::alpha(m)$item.stats$r.drop</c>, psych 2.2.9, and <c>cor(m[, i], rowSums(m[, -i]))</c>.</summary>
    [Fact]
    public void Discrimination_is_the_correlation_with_the_rest()
    {
        int[][] people =
        [
            [1, 1, 1, 1, 0], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 0, 1],
            [1, 1, 0, 1, 0], [0, 0, 1, 0, 0],
        ];
        double[] expected = [0.636209010280352, 0.419313934688767, 0.251229717208531, 0.419313934688767, 0.47286624374346];

        Assert.All(expected.Index(), item =>
        {
            var rest = people.Select(p => (Yes: p[item.Index] == 1, Others: (p.Sum() - p[item.Index]) / 4m)).ToLookup(p => p.Yes, p => p.Others);
            var measured = new PointBiserial(rest[true].Count(), rest[true].Sum(), rest[false].Count(), rest[false].Sum(), people.Select((_, i) => Square(people[i].Sum() - people[i][item.Index])).Sum());
            Assert.Equal(item.Item, measured.Correlation!.Value, Exactly);
        });

        static decimal Square(int x) => x / 4m * (x / 4m);
    }

    [Fact]
    public void Discrimination_is_not_told_where_all_answer_alike_or_all_the_rest_is_the_same()
    {
        Assert.Null(new PointBiserial(3, 2m, 0, 0m, 1.5m).Correlation);
        Assert.Null(new PointBiserial(1, 0.5m, 1, 0.5m, 0.5m).Correlation);
    }

    /// <summary>
    /// Borenstein, Hedges, Higgins and Rothstein (2009), Introduction to Meta-Analysis, p. 27: means 103 and 100, deviations 5.5 and 4.5, 50 people each;
    /// g = 0.5924 with variance 0.0411. Digits by Python's numpy from their formulas: 0.5924415802580191, 0.04114347916107144.
    /// </summary>
    [Fact]
    public void Hedges_g_corrects_for_small_samples()
    {
        var effect = HedgesG.Of(Of(50, 103m, 5.5m), Of(50, 100m, 4.5m))!;

        Assert.Equal(0.5924415802580191, effect.Value, Exactly);
        Assert.Equal(1.9599639845400536 * Math.Sqrt(0.04114347916107144), effect.Interval.Upper - effect.Value, Exactly);
        Assert.Equal(effect.Value - effect.Interval.Lower, effect.Interval.Upper - effect.Value, Exactly);

        static Sums Of(long n, decimal mean, decimal deviation) => new(n, n * mean, ((n - 1) * deviation * deviation) + (n * mean * mean));
    }

    [Fact]
    public void Hedges_g_is_not_told_of_one_person_or_of_people_who_are_all_the_same()
    {
        Assert.Null(HedgesG.Of(new Sums(1, 1m, 1m), new Sums(5, 3m, 2m)));
        Assert.Null(HedgesG.Of(new Sums(2, 2m, 2m), new Sums(3, 1.5m, 0.75m)));
    }
}
