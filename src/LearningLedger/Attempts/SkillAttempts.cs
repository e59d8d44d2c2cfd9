using LearningLedger.Frameworks;

namespace LearningLedger.Attempts;

/// <summary>A learner's attempts at one skill, and which of the unvoided ones counts under each way of counting.</summary>
/// <remarks>Time means occurred, then the order of the fold, which is that of the sequence: what a platform delivers late is still judged by when it happened.</remarks>
public sealed class SkillAttempts
{
    internal SkillAttempts(IReadOnlyList<Attempt> all, IReadOnlyDictionary<Guid, Voiding> voidings)
    {
        All = all;
        foreach (var attempt in all)
        {
            if (voidings.ContainsKey(attempt.At.EventId))
            {
                Voided++;
                continue;
            }

            First = First is null || IsEarlier(attempt, First) ? attempt : First;
            Latest = Latest is null || IsEarlier(Latest, attempt) ? attempt : Latest;
            Best = Best is null || IsBetter(attempt, Best) ? attempt : Best;
        }
    }

    /// <summary>Every attempt, voided ones too, in stream order.</summary>
    public IReadOnlyList<Attempt> All { get; }

    /// <summary>How many of <see cref="All"/> are voided.</summary>
    public int Voided { get; }

    /// <summary>The unvoided attempt with the highest score, of equal ones the earliest; null if there is none.</summary>
    public Attempt? Best { get; }

    /// <summary>The last unvoided attempt; null if there is none.</summary>
    public Attempt? Latest { get; }

    /// <summary>The first unvoided attempt; null if there is none.</summary>
    public Attempt? First { get; }

    /// <summary>The attempt that counts; null if every attempt is voided or there is none.</summary>
    public Attempt? Counting(CountingAttempts which) => which switch
    {
        CountingAttempts.Latest => Latest,
        CountingAttempts.First => First,
        _ => Best,
    };

    private static bool IsBetter(Attempt a, Attempt b) => a.Score > b.Score || (a.Score == b.Score && IsEarlier(a, b));

    private static bool IsEarlier(Attempt a, Attempt b) =>
        a.At.Occurred < b.At.Occurred || (a.At.Occurred == b.At.Occurred && (a.At.Place, a.At.Sequence).CompareTo((b.At.Place, b.At.Sequence)) < 0);
}
