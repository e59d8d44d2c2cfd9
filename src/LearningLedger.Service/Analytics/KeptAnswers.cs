using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Microsoft.Extensions.Caching.Memory;

namespace LearningLedger.Service.Analytics;

/// <summary>A question about a cohort whose point is settled.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Cohort">Code of the cohort.</param>
/// <param name="Parameters">What else it says.</param>
/// <param name="Point">The point of the ledger; null: as it is now.</param>
/// <param name="Head">How far the ledger had come when it was asked.</param>
public sealed record AskedQuestion(string Tenant, string Cohort, Parameters Parameters, long? Point, LedgerHead Head);

/// <summary>An answer as it was sent.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Sequence">The point it is of.</param>
/// <param name="ComputedAt">Recorded time of that point.</param>
/// <param name="Erased">Learners of the tenant that were erased then.</param>
public sealed record KeptAnswer(byte[] Bytes, long Sequence, DateTimeOffset ComputedAt, long Erased);

/// <summary>
/// Answers that are true still. One as of a point is true until a learner is erased; a current one until something happens in the cohort.
/// A kept answer is the very bytes that its own sequence gives, so nobody can tell it from one worked out anew at that sequence.
/// </summary>
public sealed class KeptAnswers : IDisposable
{
    /// <summary>Objects around an answer, in bytes.</summary>
    private const int Overhead = 512;

    private readonly MemoryCache answers = new(new MemoryCacheOptions { SizeLimit = Limits.AnswerBytesKept });

    /// <summary>The answer, if one is kept that is true.</summary>
    /// <param name="asked">The question's cohort, point and parameters.</param>
    /// <param name="question">Its name.</param>
    /// <param name="moves">What has happened in the cohort; read after the question was asked.</param>
    public KeptAnswer? Find(AskedQuestion asked, string question, CohortMoves moves) =>
        answers.TryGetValue(Name(asked, question, asked.Point, moves.MinimumCell), out KeptAnswer? kept) && kept!.Erased == moves.Erased
            && (asked.Point is not null || (moves.Moved <= kept.Sequence && (!Questions.All[question].OfTime || IsOfNow(kept, asked.Head))))
            ? kept
            : null;

    /// <summary>Whether a current answer is kept that is true if nothing has happened in the cohort since.</summary>
    /// <param name="asked">The question's cohort, point and parameters.</param>
    /// <param name="question">Its name.</param>
    /// <param name="moves">What has happened in the ledger.</param>
    public bool MayFind(AskedQuestion asked, string question, CohortMoves moves) =>
        asked.Point is null && answers.TryGetValue(Name(asked, question, null, moves.MinimumCell), out _);

    /// <summary>Keeps an answer, unless something has happened in the cohort that is not projected yet and that may have been an erasure.</summary>
    /// <param name="asked">The question's cohort, point and parameters.</param>
    /// <param name="question">Its name.</param>
    /// <param name="moves">What had happened in the cohort before it was worked out.</param>
    /// <param name="at">The point it is of.</param>
    /// <param name="bytes">Its bytes.</param>
    public KeptAnswer Keep(AskedQuestion asked, string question, CohortMoves moves, CohortAt at, byte[] bytes)
    {
        var answer = new KeptAnswer(bytes, at.Sequence, at.ComputedAt, moves.Erased);
        if (Math.Max(at.Sequence, moves.Projected) >= moves.Moved)
        {
            Put(at.Sequence);
            if (asked.Point is null)
            {
                Put(null);
            }
        }

        return answer;

        void Put(long? point) => answers.Set(
            Name(asked, question, point, at.MinimumCell), answer, new MemoryCacheEntryOptions { Size = bytes.Length + Overhead, SlidingExpiration = TimeSpan.FromHours(1) });
    }

    /// <inheritdoc/>
    public void Dispose() => answers.Dispose();

    /// <summary>Whether hardly any time has gone by since the point of the answer, or the ledger stands still, whose last event is what "now" means.</summary>
    private static bool IsOfNow(KeptAnswer kept, LedgerHead head) => head.Sequence <= kept.Sequence || head.Clock - kept.ComputedAt <= Limits.AnswerAge;

    private static string Name(AskedQuestion asked, string question, long? point, int minimumCell) => JsonSerializer.Serialize<object?[]>(
        [asked.Tenant, asked.Cohort, question, point, minimumCell, .. Questions.All[question].Parameters.Select(asked.Parameters.Text)]);
}
