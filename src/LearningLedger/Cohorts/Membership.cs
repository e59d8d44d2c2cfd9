namespace LearningLedger.Cohorts;

/// <summary>One join or leave.</summary>
/// <param name="Occurred">When, by the source.</param>
/// <param name="Sequence">Order among moves of the same instant.</param>
/// <param name="Joins">True for a join, false for a leave.</param>
public readonly record struct Move(DateTimeOffset Occurred, long Sequence, bool Joins) : IComparable<Move>
{
    /// <inheritdoc/>
    public int CompareTo(Move other) => (Occurred, Sequence).CompareTo((other.Occurred, other.Sequence));
}

/// <summary>An interval of belonging: from <paramref name="Joined"/>, and up to but not at <paramref name="Left"/>.</summary>
/// <param name="Joined">Its first instant.</param>
/// <param name="Left">The first instant after it; null: it has not ended.</param>
public sealed record Membership(DateTimeOffset Joined, DateTimeOffset? Left)
{
    /// <summary>Whether <paramref name="time"/> lies within.</summary>
    public bool Covers(DateTimeOffset time) => Joined <= time && (Left is null || time < Left);

    /// <summary>The intervals that follow from <paramref name="moves"/> in their order.</summary>
    /// <remarks>A join while belonging and a leave while not change nothing; joining and leaving in one instant is no membership.</remarks>
    public static IReadOnlyList<Membership> Of(IEnumerable<Move> moves)
    {
        var intervals = new List<Membership>();
        DateTimeOffset? joined = null;
        foreach (var move in moves)
        {
            if (move.Joins)
            {
                joined ??= move.Occurred;
            }
            else if (joined is { } start)
            {
                if (start < move.Occurred)
                {
                    intervals.Add(new Membership(start, move.Occurred));
                }

                joined = null;
            }
        }

        if (joined is { } open)
        {
            intervals.Add(new Membership(open, null));
        }

        return intervals;
    }
}
