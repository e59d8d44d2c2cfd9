using MathNet.Numerics;

namespace LearningLedger.Statistics;

/// <summary>A confidence interval.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
public sealed record Interval(double Lower, double Upper)
{
    /// <summary>The level of every interval here: 95 %, two-sided.</summary>
    public const double Level = 0.95;

    /// <summary>Quantile of the standard normal distribution that leaves half of what the level leaves out above it: 1.95996...</summary>
    internal static readonly double Z = Math.Sqrt(2) * SpecialFunctions.ErfInv(Level);

    /// <summary>Whether a value lies within, ends included.</summary>
    public bool Covers(double value) => Lower <= value && value <= Upper;
}
