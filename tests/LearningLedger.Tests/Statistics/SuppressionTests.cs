using CsCheck;
using LearningLedger.Statistics;

namespace LearningLedger.Tests.Statistics;

public class SuppressionTests
{
    [Fact]
    public void Hides_small_counts_and_a_second_one_that_would_give_the_first_away()
    {
        var table = new Suppression(5);
        var all = table.Count(30);
        int[] parts = [table.Count(3), table.Count(20), table.Count(7), table.Count(0)];
        table.Sum(all, parts);

        Assert.Equal([30, null, 20, null, 0], ((int[])[all, .. parts]).Select(c => table[c]));
    }

    [Fact]
    public void Hides_more_until_what_is_hidden_is_together_not_small()
    {
        var table = new Suppression(5);
        var all = table.Count(23);
        int[] parts = [table.Count(1), table.Count(2), table.Count(8), table.Count(12)];
        table.Sum(all, parts);

        Assert.Equal([23, null, null, null, 12], ((int[])[all, .. parts]).Select(c => table[c]));
    }

    [Fact]
    public void Hides_a_share_whose_remainder_is_small()
    {
        var table = new Suppression(5);
        var all = table.Count(30);
        var passed = table.Part(all, 28);

        Assert.Equal((30, null), (table[all], table[passed]));
    }

    [Fact]
    public void A_minimum_of_one_hides_nothing()
    {
        var table = new Suppression(1);
        var all = table.Count(3);
        var one = table.Part(all, 1);

        Assert.Equal((3, 1), (table[all], table[one]));
    }

    [Fact]
    public void Refuses_parts_that_do_not_make_up_the_whole()
    {
        var table = new Suppression(5);
        Assert.Throws<ArgumentException>(() => table.Sum(table.Count(3), table.Count(1)));
    }

    /// <summary>
    /// An attacker who knows the sums, every shown count and that nothing hidden is less than 0 looks through all tables that could be so. A small count
    /// is recovered when it is the same in all of them.
    /// </summary>
    [Fact]
    public void No_small_count_can_be_recovered_from_a_table_with_row_and_column_totals() =>
        (from minimum in Gen.Int[2, 4]
         from rows in Gen.Int[1, 2]
         from cells in Gen.Int[0, 5].Array[rows * 3]
         select (minimum, rows, cells)).Sample(
            t =>
            {
                var (table, all, inner) = (new Suppression(t.minimum), new List<int>(), new int[t.rows, 3]);
                for (var i = 0; i < t.cells.Length; i++)
                {
                    all.Add(inner[i / 3, i % 3] = table.Count(t.cells[i]));
                }

                var sums = new List<(int Whole, int[] Parts)>();
                for (var r = 0; r < t.rows; r++)
                {
                    Declare([inner[r, 0], inner[r, 1], inner[r, 2]]);
                }

                for (var c = 0; c < 3; c++)
                {
                    Declare([.. Enumerable.Range(0, t.rows).Select(r => inner[r, c])]);
                }

                Declare([.. sums.Take(t.rows).Select(s => s.Whole)]);
                var possible = Tables(table, t.cells.Length, sums);
                Assert.All(all.Where((_, i) => t.cells[i] > 0 && t.cells[i] < t.minimum), cell =>
                {
                    Assert.Null(table[cell]);
                    Assert.True(possible.Select(p => p[cell]).Distinct().Count() > 1, $"{cell} is {t.cells[cell]} in every table of {string.Join(',', t.cells)}");
                });

                void Declare(int[] parts)
                {
                    var whole = table.Count(parts.Sum(Value));
                    sums.Add((whole, parts));
                    table.Sum(whole, parts);
                }

                long Value(int count) => count < t.cells.Length ? t.cells[count] : sums.Single(s => s.Whole == count).Parts.Sum(Value);
            },
            iter: 200);

    /// <summary>Every table of inner counts 0 to 6 whose shown inner counts and totals are those shown.</summary>
    private static List<long[]> Tables(Suppression table, int inner, List<(int Whole, int[] Parts)> sums)
    {
        var found = new List<long[]>();
        Fill(new long[inner + sums.Count], 0);
        return found;

        void Fill(long[] values, int at)
        {
            if (at < inner)
            {
                foreach (var value in table[at] is { } shown ? [shown] : Enumerable.Range(0, 7).Select(v => (long)v))
                {
                    values[at] = value;
                    Fill(values, at + 1);
                }

                return;
            }

            foreach (var (whole, parts) in sums)
            {
                values[whole] = parts.Sum(p => values[p]);
                if (table[whole] is { } shown && shown != values[whole])
                {
                    return;
                }
            }

            found.Add([.. values]);
        }
    }
}
