using System.Globalization;

namespace LearningLedger.Service.Pages.Cohorts;

/// <summary>From figures to places on a drawing.</summary>
/// <param name="Low">The figure at <paramref name="From"/>.</param>
/// <param name="High">The figure at <paramref name="To"/>.</param>
/// <param name="From">Where the axis begins.</param>
/// <param name="To">Where it ends.</param>
public sealed record Scale(double Low, double High, double From, double To)
{
    private const int MostTicks = 8;

    /// <summary>An axis from 0 to the first round figure that holds <paramref name="highest"/>.</summary>
    public static Scale FromZero(double highest, double from, double to)
    {
        var step = Step(highest);
        return new(0, Math.Max(step, Math.Ceiling(highest / step) * step), from, to);
    }

    /// <summary>Where a figure lies, as SVG writes it.</summary>
    public string At(double figure) => (From + (To - From) * (figure - Low) / (High - Low)).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>How long a figure is, as SVG writes it.</summary>
    public string Length(double figure) => (Math.Abs(To - From) * figure / (High - Low)).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Round figures along the axis.</summary>
    public IEnumerable<double> Ticks()
    {
        var step = Step(High - Low);
        for (var i = 0; Low + i * step <= High * (1 + 1e-9); i++)
        {
            yield return Low + i * step;
        }
    }

    private static double Step(double span)
    {
        if (span <= 0)
        {
            return 1;
        }

        var size = Math.Pow(10, Math.Floor(Math.Log10(span / MostTicks)));
        return new[] { 1, 2, 5, 10 }.Select(f => f * size).First(step => span / step <= MostTicks);
    }
}
