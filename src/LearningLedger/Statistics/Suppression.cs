namespace LearningLedger.Statistics;

/// <summary>
/// Hides counts of few people in a table of counts, and as many others as it takes that no hidden one can be worked out from what is shown.
/// </summary>
/// <remarks>
/// Counts of 1 up to but not including the minimum are hidden; 0 is shown, as it tells of nobody. Wherever a whole and its parts are declared by
/// <see cref="Sum"/>, further counts are hidden, smallest first, until neither subtraction nor solving the sums for the hidden ones gives any of them,
/// and until what is hidden of a shown whole is together no small count itself. Counts that are never shown but follow from shown ones, such as who is
/// left over, are to be declared too. It protects one table; it does not protect against comparing tables of different cohorts or of different points
/// in time that differ by a few people.
/// </remarks>
/// <param name="minimum">Fewest people a shown count may tell of; 1 hides nothing.</param>
public sealed class Suppression(int minimum)
{
    private const double Nothing = 1e-9;

    private readonly List<long> counts = [];
    private readonly List<(int Whole, int[] Parts)> sums = [];
    private bool[]? hidden;

    /// <summary>Adds a count of people; returns its number, from 0.</summary>
    public int Count(long people)
    {
        counts.Add(people);
        hidden = null;
        return counts.Count - 1;
    }

    /// <summary>Declares that the parts, which do not overlap, make up the whole.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Sum(int whole, params int[] parts)
    {
        if (counts[whole] != parts.Sum(p => counts[p]))
        {
            throw new ArgumentException("The parts do not make up the whole.", nameof(parts));
        }

        sums.Add((whole, parts));
        hidden = null;
    }

    /// <summary>A share: some people and the others of a whole. Returns the number of the part.</summary>
    public int Part(int whole, long people)
    {
        var part = Count(people);
        Sum(whole, part, Count(counts[whole] - people));
        return part;
    }

    /// <summary>Whether a count may be shown.</summary>
    public bool Shows(int count) => !(hidden ??= Hide())[count];

    /// <summary>The count, or null where it is hidden.</summary>
    public long? this[int count] => Shows(count) ? counts[count] : null;

    private bool[] Hide()
    {
        var hide = counts.Select(c => c > 0 && c < minimum).ToArray();
        while (Unsafe(hide).Select(unsafely => Next(unsafely, hide)).FirstOrDefault(next => next is not null) is { } next)
        {
            hide[next] = true;
        }

        return hide;
    }

    /// <summary>Sums that give something away, together as far as they give the same away.</summary>
    private IEnumerable<IReadOnlyList<(int Whole, int[] Parts)>> Unsafe(bool[] hide)
    {
        foreach (var sum in sums.Where(s => !hide[s.Whole]))
        {
            var parts = sum.Parts.Where(p => hide[p]).ToList();
            var together = parts.Sum(p => counts[p]);

            // As many people as counts would be one in each.
            if (parts.Count == 1 || (parts.Count > 0 && (together < minimum || together == parts.Count)))
            {
                yield return [sum];
            }
        }

        foreach (var cell in Determined(hide))
        {
            yield return [.. sums.Where(s => s.Whole == cell || s.Parts.Contains(cell))];
        }
    }

    /// <summary>The count to hide next: parts before wholes, small before large, but 0 last, as it hides little; null when all are hidden.</summary>
    private int? Next(IReadOnlyList<(int Whole, int[] Parts)> sums, bool[] hide) =>
        sums.SelectMany(s => s.Parts.Select(p => (Count: p, IsWhole: false)).Append((Count: s.Whole, IsWhole: true))).Where(c => !hide[c.Count])
            .OrderBy(c => counts[c.Count] == 0).ThenBy(c => c.IsWhole).ThenBy(c => counts[c.Count]).ThenBy(c => c.Count)
            .Select(c => (int?)c.Count).FirstOrDefault();

    /// <summary>Hidden counts that the sums determine: solved by elimination, those that stand alone in their row.</summary>
    private IEnumerable<int> Determined(bool[] hide)
    {
        var unknown = Enumerable.Range(0, counts.Count).Where(c => hide[c]).ToArray();
        var rows = sums.Select(s => unknown.Select(c => (c == s.Whole ? 1.0 : 0) - s.Parts.Count(p => p == c)).ToArray()).ToList();
        var solved = 0;
        for (var column = 0; column < unknown.Length && solved < rows.Count; column++)
        {
            var pivot = Enumerable.Range(solved, rows.Count - solved).MaxBy(r => Math.Abs(rows[r][column]));
            if (Math.Abs(rows[pivot][column]) < Nothing)
            {
                continue;
            }

            (rows[solved], rows[pivot]) = (rows[pivot], rows[solved]);
            var by = rows[solved][column];
            rows[solved] = [.. rows[solved].Select(x => x / by)];
            for (var r = 0; r < rows.Count; r++)
            {
                if (r != solved && Math.Abs(rows[r][column]) >= Nothing)
                {
                    var times = rows[r][column];
                    rows[r] = [.. rows[r].Zip(rows[solved], (x, y) => x - (times * y))];
                }
            }

            solved++;
        }

        foreach (var row in rows.Take(solved))
        {
            var left = Enumerable.Range(0, unknown.Length).Where(c => Math.Abs(row[c]) >= Nothing).ToList();
            if (left.Count == 1)
            {
                yield return unknown[left[0]];
            }
        }
    }
}
