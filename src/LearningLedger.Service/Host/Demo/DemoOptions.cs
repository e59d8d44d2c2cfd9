using System.Globalization;

namespace LearningLedger.Service.Host.Demo;

/// <summary>What <c>demo</c> was asked for.</summary>
/// <param name="Learners">How many learners to simulate.</param>
/// <param name="Seed">The same seed and number of learners give the same lives, to the byte.</param>
/// <param name="Exit">Whether the service stops afterwards.</param>
public sealed record DemoOptions(int Learners, int Seed, bool Exit)
{
    /// <summary>Most learners: all transcripts are held in memory for the comparison, about 100 KB each.</summary>
    public const int MostLearners = 2_000;

    /// <summary>The tenant the demo lives in.</summary>
    public const string Tenant = "demo";

    /// <summary>
    /// When the simulated cohort begins. Fixed, so that a second run posts the same bytes; far enough back that everything lies in the past.
    /// Levels 6 and 7 are valid for three years: move it forward before autumn 2028, or they expire while the demo runs.
    /// </summary>
    public static readonly DateTimeOffset Start = new(2025, 9, 1, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Counts up whenever the same options come to give other lives: a ledger that has the earlier ones would refuse them under the same ids.</summary>
    private const int World = 2;

    /// <summary>Code of the cohort, different for every world, seed and size so that runs do not meet.</summary>
    public string Cohort => string.Create(CultureInfo.InvariantCulture, $"demo-w{World}-s{Seed}-n{Learners}");

    /// <summary>Code of the cohort of those whom an entry test found advanced; they belong to <see cref="Cohort"/> too.</summary>
    public string Advanced => $"{Cohort}-advanced";

    /// <summary>Code of the cohort of all others.</summary>
    public string Regular => $"{Cohort}-regular";

    /// <summary>The platform the events come from; part of every event's identity and of every learner's.</summary>
    public string Source => $"https://campus.example/{Cohort}";
}
