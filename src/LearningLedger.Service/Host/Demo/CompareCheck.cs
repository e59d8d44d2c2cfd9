using System.Globalization;
using static System.FormattableString;

namespace LearningLedger.Service.Host.Demo;

/// <summary>
/// The advanced against the regular cohort: what differs is worked out again; and the effects are held against what makes it differ, which is ability.
/// </summary>
internal static class CompareCheck
{
    /// <summary>Fewest learners of each cohort an effect is held against the truth of: the spread of fewer is a matter of luck.</summary>
    private const int Enough = 5;

    /// <summary>Other lives of the same world, for each simulated one and at least; they tell how likely a milestone is.</summary>
    private const int OtherLives = 5, LeastOtherLives = 1_000;

    /// <summary>Asks and compares.</summary>
    public static async Task<IReadOnlyList<DemoCheck>> AskAsync(DemoView view, CancellationToken ct)
    {
        var (stage, options) = (view.Stage, view.Stage.Options);
        var answer = await view.AskAsync<Answer>(options.Advanced, $"compare?with={options.Regular}", ct);
        var groups = new[] { true, false }.Select(a => stage.Simulation.Learners.Where(l => l.Advanced == a).ToList()).ToList();
        var reached = new[] { true, false }.Select(a => stage.Truth.Reached.Where((_, i) => stage.Simulation.Learners[i].Advanced == a).ToList()).ToList();
        var milestones = stage.Milestones.Select(m => (m.Code, Shares.Of(reached[0].Count(r => r > m.Level), reached[0].Count, reached[1].Count(r => r > m.Level), reached[1].Count)));
        var firsts = stage.Simulation.Framework.Skills.Select(s => (s.Code, Firsts: groups.Select(g => Firsts.Of(g, s.Code)).ToList())).ToList();
        var effects = Effects(stage, answer, firsts.ToDictionary(f => f.Code, f => f.Firsts)).ToList();
        return
        [
            new(
                $"{stage.Milestones.Count} milestones, {firsts.Count} skills of two cohorts: shares, means, effects",
                [
                    .. Tolerance.Differences(answer.Milestones.Select(m => (m.Milestone, Shares.Of(m))), milestones, Shares.Same),
                    .. Tolerance.Differences(
                        answer.Skills.Select(s => (s.Skill, new Scores(s.First.Learners, s.First.Mean, s.Second.Learners, s.Second.Mean, s.HedgesG))),
                        firsts.Select(f => (f.Code, new Scores(f.Firsts[0].Count, f.Firsts[0].Mean, f.Firsts[1].Count, f.Firsts[1].Mean, HedgesG(f.Firsts[0], f.Firsts[1])))), Scores.Same),
                ]),
            new($"{effects.Count} effects of ability: the truth is within twice their 95 % interval", [.. effects.Where(e => !e.Agrees).Select(e => e.Words)]),
        ];
    }

    /// <summary>What the simulated abilities make of the same learners' first attempts and of any learners' milestones, against what is estimated.</summary>
    private static IEnumerable<(bool Agrees, string Words)> Effects(DemoStage stage, Answer answer, Dictionary<string, List<Firsts>> firsts)
    {
        foreach (var skill in answer.Skills.Where(s => s.HedgesG is not null && firsts.TryGetValue(s.Skill, out var f) && f.All(g => g.Count >= Enough)))
        {
            var truth = Firsts.TrueEffect(firsts[skill.Skill][0], firsts[skill.Skill][1]);
            yield return (Tolerance.Holds(skill.HedgesG, skill.Interval, truth), Invariant($"{skill.Skill}: g {skill.HedgesG:0.000}, simulated {truth:0.000}"));
        }

        var mine = stage.Options.Learners;
        var others = DemoSimulation.Run(stage.Options with { Learners = mine + Math.Max(LeastOtherLives, OtherLives * mine) }, stage.Simulation.Framework).Learners.Skip(mine)
            .ToLookup(l => l.Advanced, l => DemoTruth.Achieved(stage.Simulation.Framework, l).Count());
        foreach (var milestone in answer.Milestones.Where(m => m.First.Members >= Enough && m.Second.Members >= Enough))
        {
            var truth = others[true].Average(r => r > milestone.Level ? 1.0 : 0) - others[false].Average(r => r > milestone.Level ? 1.0 : 0);
            yield return (
                Tolerance.Holds(milestone.Difference, milestone.Interval, truth), Invariant($"{milestone.Milestone}: {milestone.Difference:0.000}, simulated {truth:0.000}"));
        }
    }

    /// <summary>Difference of means in pooled standard deviations, corrected for small samples.</summary>
    private static double? HedgesG(Firsts first, Firsts second)
    {
        var (freedom, scatter) = (first.Count + second.Count - 2, first.Scatter + second.Scatter);
        return first.Count < 2 || second.Count < 2 || scatter == 0
            ? null
            : (first.Mean - second.Mean) / Math.Sqrt((double)scatter / freedom) * (1 - (3 / ((4.0 * freedom) - 1)));
    }

    /// <summary>A cohort's first attempts at a skill: the scores, and what was to be expected of each.</summary>
    private sealed record Firsts(IReadOnlyList<decimal> Scored, IReadOnlyList<double> Expected)
    {
        public int Count => Scored.Count;

        public double? Mean => Count == 0 ? null : (double)Scored.Average();

        /// <summary>Sum of the squared distances from the mean; none to the last digit where all scores are the same.</summary>
        public decimal Scatter
        {
            get
            {
                var mean = Scored.DefaultIfEmpty().Average();
                return Scored.Distinct().Count() < 2 ? 0 : Scored.Sum(s => (s - mean) * (s - mean));
            }
        }

        public static Firsts Of(IReadOnlyList<DemoLearner> learners, string skill)
        {
            var firsts = learners.Select(l => l.Tries[skill].FirstOrDefault()).OfType<DemoAttempt>().ToList();
            return new Firsts([.. firsts.Select(a => a.Score)], [.. firsts.Select(a => a.Expected)]);
        }

        /// <summary>The effect that would be seen if every score were what the learner's ability makes of it, spread as luck spreads it.</summary>
        public static double TrueEffect(Firsts first, Firsts second) =>
            (first.Expected.Average() - second.Expected.Average()) / Math.Sqrt((first.ExpectedScatter + second.ExpectedScatter) / (first.Count + second.Count - 2));

        private double ExpectedScatter
        {
            get
            {
                var mean = Expected.Average();
                return Expected.Sum(e => (e - mean) * (e - mean)) + (Expected.Sum(e => e * (1 - e) / SkillTest.Items) * (1 - (1.0 / Count)));
            }
        }
    }

    private sealed record Answer(IReadOnlyList<MilestoneRow> Milestones, IReadOnlyList<SkillRow> Skills);

    private sealed record MilestoneRow(int Level, string Milestone, ShareCell First, ShareCell Second, double? Difference, IntervalAnswer? Interval);

    private sealed record ShareCell(int Members, int Awarded, double? Share);

    private sealed record SkillRow(string Skill, ScoreCell First, ScoreCell Second, double? HedgesG, IntervalAnswer? Interval);

    private sealed record ScoreCell(int Learners, double? Mean);

    private sealed record Shares(ShareCell First, ShareCell Second, double? Difference)
    {
        public static Shares Of(MilestoneRow row) => new(row.First, row.Second, row.Difference);

        public static Shares Of(int first, int firstMembers, int second, int secondMembers)
        {
            var (one, two) = (Share(first, firstMembers), Share(second, secondMembers));
            return new(new ShareCell(firstMembers, first, one), new ShareCell(secondMembers, second, two), one - two);
        }

        public static bool Same(Shares said, Shares should) =>
            (said.First.Members, said.First.Awarded, said.Second.Members, said.Second.Awarded) == (should.First.Members, should.First.Awarded, should.Second.Members, should.Second.Awarded)
            && Tolerance.Same(said.First.Share, should.First.Share) && Tolerance.Same(said.Second.Share, should.Second.Share) && Tolerance.Same(said.Difference, should.Difference);

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{First.Awarded} of {First.Members} and {Second.Awarded} of {Second.Members}, {First.Share:0.0000} - {Second.Share:0.0000} = {Difference:0.0000}");

        private static double? Share(int part, int whole) => whole == 0 ? null : (double)part / whole;
    }

    private sealed record Scores(int First, double? FirstMean, int Second, double? SecondMean, double? HedgesG)
    {
        public static bool Same(Scores said, Scores should) =>
            (said.First, said.Second) == (should.First, should.Second)
            && Tolerance.Same(said.FirstMean, should.FirstMean) && Tolerance.Same(said.SecondMean, should.SecondMean) && Tolerance.Same(said.HedgesG, should.HedgesG);

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{FirstMean:0.0000} of {First}, {SecondMean:0.0000} of {Second}, g {HedgesG:0.0000}");
    }
}
