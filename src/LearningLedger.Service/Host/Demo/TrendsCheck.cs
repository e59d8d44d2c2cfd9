namespace LearningLedger.Service.Host.Demo;

/// <summary>What happened in each week: counted again, without tolerance.</summary>
internal static class TrendsCheck
{
    /// <summary>Asks and compares.</summary>
    public static async Task<DemoCheck> AskAsync(DemoView view, CancellationToken ct)
    {
        var answer = await view.AskAsync<Answer>(view.Stage.Options.Cohort, "trends", ct);
        var learners = view.Stage.Simulation.Learners;
        var attempts = learners.SelectMany(l => l.Tries.SelectMany(t => t).Select(a => (Week: Week(a.At), l.Subject))).ToLookup(a => a.Week, a => a.Subject);
        var evidence = learners.SelectMany(l => l.Evidence.Select(e => (Week: Week(e.At), l.Subject))).ToLookup(e => e.Week, e => e.Subject);
        var awards = view.AwardedAt.SelectMany(times => times).ToLookup(Week);
        var joined = Week(DemoOptions.Start);
        var should = attempts.Select(w => w.Key).Union(evidence.Select(w => w.Key)).Union(awards.Select(w => w.Key)).Append(joined).Distinct()
            .Select(w => (
                $"{w:yyyy-MM-dd}",
                new Counts(
                    attempts[w].Count(), attempts[w].Union(evidence[w]).Count(), evidence[w].Count(), awards[w].Count(), w == joined ? learners.Count : 0, Ended: 0)))
            .ToList();
        return new DemoCheck(
            $"{should.Count} weeks: attempts, learners, evidence, awards, joins",
            [.. Tolerance.Differences(
                answer.Weeks.Select(w => ($"{w.Week:yyyy-MM-dd}", new Counts(w.Attempts, w.Learners, w.Evidence, w.Awarded, w.Joined, w.Ended))), should)]);
    }

    /// <summary>The Monday of its week, UTC.</summary>
    private static DateOnly Week(DateTimeOffset time)
    {
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        return day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
    }

    private sealed record Answer(IReadOnlyList<WeekRow> Weeks);

    private sealed record WeekRow(DateOnly Week, int Attempts, int Learners, int Evidence, int Awarded, int Joined, int Ended);

    private sealed record Counts(int Attempts, int Learners, int Evidence, int Awarded, int Joined, int Ended)
    {
        public override string ToString() => $"{Attempts}, {Learners}, {Evidence}, {Awarded}, {Joined} and {Ended} left";
    }
}
