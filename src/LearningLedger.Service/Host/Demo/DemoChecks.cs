using System.Globalization;
using LearningLedger.Awards;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Host.Demo;

/// <summary>One comparison of the ledger with the simulation.</summary>
/// <param name="What">What was compared, with how many.</param>
/// <param name="Differences">Where they differ, in words; none when they agree.</param>
internal sealed record DemoCheck(string What, IReadOnlyList<string> Differences);

/// <summary>Compares what the ledger says with what the simulation knows.</summary>
internal static class DemoChecks
{
    /// <summary>Rates are compared to this; the ledger may round them.</summary>
    private const double RateTolerance = 0.0005;

    /// <summary>Days are compared to this, about a tenth of a second; the ledger keeps six decimals.</summary>
    private const double DayTolerance = 0.0000011;

    /// <summary>How many figures of the cohort there are to agree on.</summary>
    public static int Figures(DemoStage stage) => stage.Milestones.Count + stage.Truth.Skills.Count;

    /// <summary>All comparisons.</summary>
    public static IReadOnlyList<DemoCheck> All(
        DemoStage stage, Posted posted, IReadOnlyList<TranscriptDocument> transcripts, FunnelAnswer funnel, SkillsAnswer skills, IReadOnlyList<TimeAnswer> times) =>
    [
        new(Count(posted.EventIds.Count, "event acknowledged", "events acknowledged"), WrongPosts(stage, posted)),
        new(Count(transcripts.Count, "transcript", "transcripts") + ": who holds which milestones since when", WrongHolders(stage, transcripts)),
        new(Count(transcripts.Sum(t => t.Milestones.Count), "award", "awards") + ": each rests on events of its own transcript", WrongBasis(transcripts)),
        new(Count(Voided(stage), "annulled attempt", "annulled attempts") + ": visible and not counted", WrongVoids(stage, transcripts)),
        new(Count(funnel.Milestones.Count, "funnel step", "funnel steps"), WrongFunnel(stage, funnel)),
        new(Count(skills.Skills.Count, "skill", "skills") + ": attempts, learners, pass rates", WrongSkills(stage, skills)),
        new(Count(times.Count, "time to a milestone", "times to milestones") + ": awarded, still waiting, median", WrongTimes(stage, transcripts, times)),
    ];

    /// <summary>Funnel steps that differ, and those that are missing.</summary>
    public static IReadOnlyList<string> WrongFunnel(DemoStage stage, FunnelAnswer funnel) =>
    [
        .. from milestone in stage.Milestones
           let line = funnel.Milestones.FirstOrDefault(m => m.Milestone == milestone.Code)
           let truth = stage.Truth.Holding(milestone.Level)
           where line is null || line.Level != milestone.Level || line.Members != stage.Options.Learners || line.Granted != truth
           select $"level {milestone.Level}: {(line is null ? "missing" : $"{line.Granted} of {line.Members}")}, should be {truth} of {stage.Options.Learners}",
    ];

    /// <summary>Skills that differ, are missing, or that nobody tried.</summary>
    public static IReadOnlyList<string> WrongSkills(DemoStage stage, SkillsAnswer skills)
    {
        var said = skills.Skills.Where(s => s.Attempts > 0).ToDictionary(s => s.Skill);
        return
        [
            .. from truth in stage.Truth.Skills
               let s = said.GetValueOrDefault(truth.Key)
               let should = truth.Value
               where s is null || s.Attempts != should.Attempts || s.Learners != should.Learners
                   || s.PassRate is not { } rate || Math.Abs(rate - should.PassRate) > RateTolerance
               let words = s is null ? "missing" : Words(s.Attempts, s.Learners, s.PassRate)
               select $"{truth.Key}: {words}, should be {Words(should.Attempts, should.Learners, should.PassRate)}",
            .. said.Keys.Except(stage.Truth.Skills.Keys).Select(s => $"{s}: nobody tried it"),
        ];
    }

    /// <summary>
    /// Times that differ from those counted by hand. Everybody joins at the start and nobody leaves, so all who wait are watched longer than any who
    /// do not, and the curve comes down by one learner's share at each award: the median is then the time of the one that brings it to half.
    /// </summary>
    private static List<string> WrongTimes(DemoStage stage, IReadOnlyList<TranscriptDocument> transcripts, IReadOnlyList<TimeAnswer> times)
    {
        var wrong = new List<string>();
        foreach (var time in times)
        {
            var days = transcripts.SelectMany(t => t.Milestones).Where(m => m.Milestone == time.Milestone)
                .Select(m => (m.AwardedAt - DemoOptions.Start).TotalDays).Order().ToList();
            var half = stage.Options.Learners / 2.0;
            double? median = days.Count < half ? null
                : half == (int)half && days.Count > half ? (days[(int)half - 1] + days[(int)half]) / 2 : days[(int)Math.Ceiling(half) - 1];
            if (time.Learners != stage.Options.Learners || time.Awarded != days.Count || time.Censored != time.Learners - time.Awarded
                || (time.MedianDays is null) != (median is null) || Math.Abs((time.MedianDays ?? 0) - (median ?? 0)) > DayTolerance)
            {
                wrong.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{time.Milestone}: {time.Awarded} of {time.Learners}, median {time.MedianDays:0.00} days, should be {days.Count} of {stage.Options.Learners}, {median:0.00}"));
            }
        }

        return wrong;
    }

    private static List<string> WrongPosts(DemoStage stage, Posted posted)
    {
        var (events, learners) = (stage.Simulation.Learners.Sum(l => 2 + l.Attempts.Count + l.Evidence.Count), posted.Learners.Distinct().Count());
        return events == posted.EventIds.Values.Distinct().Count() && events == posted.Accepted + posted.Duplicates && learners == stage.Options.Learners
            ? []
            : [$"{posted.Accepted} accepted, {posted.Duplicates} duplicates, of {learners} learners; should be {events} of {stage.Options.Learners}"];
    }

    private static List<string> WrongHolders(DemoStage stage, IReadOnlyList<TranscriptDocument> transcripts)
    {
        var wrong = new List<string>();
        for (var i = 0; i < transcripts.Count; i++)
        {
            // An award that ran out was rightly granted; whether it has, depends on when the demo is run.
            var held = transcripts[i].Milestones.Where(m => m is { Flagged: false, Status: AwardStatus.Awarded or AwardStatus.Expired })
                .ToLookup(m => m.Milestone, m => m.AwardedAt);
            var should = stage.Milestones.Zip(stage.Truth.AwardedAt[i], (milestone, at) => (milestone.Code, At: at)).ToList();
            if (held.Count != should.Count || should.Any(s => held[s.Code].Count() != 1 || held[s.Code].Single() != (s.At ?? held[s.Code].Single())))
            {
                wrong.Add($"{stage.Simulation.Learners[i].Subject}: {held.Count} milestones, should be the first {should.Count}, each from its last cause on");
            }
        }

        return wrong;
    }

    private static List<string> WrongBasis(IReadOnlyList<TranscriptDocument> transcripts)
    {
        var wrong = new List<string>();
        foreach (var transcript in transcripts)
        {
            var events = transcript.Skills.SelectMany(s => s.Events.Select(a => a.EventId))
                .Concat(transcript.Skills.SelectMany(s => s.Evidence).SelectMany(e => e.Reviews.Select(r => r.EventId).Append(e.EventId)))
                .Concat(transcript.Milestones.SelectMany(m => m.History.Select(h => h.EventId)))
                .ToHashSet();
            wrong.AddRange(transcript.Milestones
                .Where(m => m.Basis.Count == 0 || m.Basis.Any(b => b.Sequence is null || !events.Contains(b.EventId)))
                .Select(m => $"{m.Milestone} of {transcript.Learner}: rests on events its transcript does not show"));
        }

        return wrong;
    }

    private static List<string> WrongVoids(DemoStage stage, IReadOnlyList<TranscriptDocument> transcripts)
    {
        var seen = transcripts.Sum(t => t.Skills.Sum(s => s.Voided));
        return seen == Voided(stage) ? [] : [$"the transcripts show {seen}, should be {Voided(stage)}"];
    }

    private static int Voided(DemoStage stage) => stage.Simulation.Learners.Sum(l => l.Attempts.Count(a => a.Voided));

    private static string Words(int attempts, int learners, double? passRate) =>
        string.Create(CultureInfo.InvariantCulture, $"{attempts} by {learners}, {passRate:0.000}");

    private static string Count(int n, string one, string many) => $"{n.ToString("N0", CultureInfo.InvariantCulture)} {(n == 1 ? one : many)}";
}
