namespace LearningLedger.Service.Host.Demo;

/// <summary>A test of one skill under the two-parameter logistic model of item response theory.</summary>
/// <param name="Difficulty">b: the ability at which half of the items are answered.</param>
/// <param name="Discrimination">a: how sharply the test tells abilities apart around b.</param>
internal readonly record struct SkillTest(double Difficulty, double Discrimination)
{
    /// <summary>Items of one attempt; scores come in steps of a twentieth, so every passing score of the seed can be hit exactly.</summary>
    public const int Items = 20;

    /// <summary>P(an item is answered) = 1 / (1 + e^(-a (ability - b))).</summary>
    public double Chance(double ability) => 1 / (1 + Exp(-Discrimination * (ability - Difficulty)));

    /// <summary>One attempt: each item is answered or not.</summary>
    public decimal Attempt(double ability, Dice dice)
    {
        var chance = Chance(ability);
        var answered = 0;
        for (var i = 0; i < Items; i++)
        {
            answered += dice.Chance(chance) ? 1 : 0;
        }

        return (decimal)answered / Items;
    }

    /// <summary>e^x by series and squaring: the platform's own may differ in the last digit from machine to machine.</summary>
    private static double Exp(double x)
    {
        var small = Math.Clamp(x, -30, 30) / 32;
        double term = 1, sum = 1;
        for (var n = 1; n <= 12; n++)
        {
            term *= small / n;
            sum += term;
        }

        for (var i = 0; i < 5; i++)
        {
            sum *= sum;
        }

        return sum;
    }
}
