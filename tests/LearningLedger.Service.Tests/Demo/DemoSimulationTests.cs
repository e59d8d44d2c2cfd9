using System.Text;
using System.Text.Json;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host.Demo;

namespace LearningLedger.Service.Tests.Demo;

public class DemoSimulationTests
{
    private static readonly FrameworkDefinition Framework = DemoFramework.Read();

    [Theory]
    [InlineData(200, 1)]
    [InlineData(30, 1)]
    public void Somebody_reaches_every_level_and_fewer_each_higher_one(int learners, int seed)
    {
        var truth = DemoTruth.Of(Run(learners, seed));
        var holding = Enumerable.Range(0, 9).Select(truth.Holding).ToList();

        Assert.True(holding[8] > 0);
        Assert.True(holding[0] < learners);
        Assert.Equal(holding.OrderDescending(), holding);
        Assert.True(holding[8] < learners / 2);
    }

    [Fact]
    public void Stays_of_moderate_size()
    {
        var simulation = Run(200, 1);

        Assert.InRange(simulation.Learners.Sum(l => 1 + l.Attempts.Count + l.Evidence.Count), 15_000, 60_000);
        Assert.InRange(simulation.Learners.Sum(l => l.Attempts.Count(a => a.Voided)), 1, 100);
    }

    // The hash was noted when this was written: any machine that gives another one would not post duplicates after a move. Who changes it changes the world's number.
    [Fact]
    public void Posts_the_same_bytes_on_every_machine() =>
        Assert.Equal("7b2937545b2eb99ec31c5b00dc6297aa36c45efefc594d0092029b1beae5b5a2", Hash(Run(30, 1)));

    [Fact]
    public void Another_seed_is_another_world() => Assert.NotEqual(Hash(Run(10, 1)), Hash(Run(10, 2)));

    [Fact]
    public void A_learner_lives_the_same_life_in_a_larger_cohort()
    {
        var (few, many) = (Run(10, 1), Run(20, 1));

        Assert.Equal(
            few.Learners.Select(l => JsonSerializer.Serialize(l.Attempts)), many.Learners.Take(10).Select(l => JsonSerializer.Serialize(l.Attempts)));
    }

    [Fact]
    public void Everything_lies_in_the_past_in_whole_seconds_and_in_order()
    {
        var latest = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var learner in Run(200, 1).Learners)
        {
            var times = learner.Attempts.Select(a => (a.Id, a.At)).Concat(learner.Evidence.Select(e => (e.Id, e.At)))
                .OrderBy(t => t.Id, StringComparer.Ordinal).ToList();
            Assert.Equal(times.OrderBy(t => t.At), times);
            Assert.All(times, t => Assert.True(t.At > DemoOptions.Start && t.At < latest && t.At.Ticks % TimeSpan.TicksPerSecond == 0));
            Assert.All(learner.Evidence, e => Assert.All(e.Verdicts, v => Assert.InRange(v.At, e.At, latest)));
        }
    }

    [Fact]
    public void Uses_no_id_twice()
    {
        var simulation = Run(50, 1);
        var ids = simulation.Learners.SelectMany(l => l.Attempts.Select(a => a.Id).Concat(l.Evidence.Select(e => e.Id))).ToList();
        var evidence = simulation.Learners.SelectMany(l => l.Evidence.Select(e => e.Evidence)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(evidence.Count, evidence.Distinct().Count());
        Assert.Empty(evidence.Intersect(Run(49, 1).Learners.SelectMany(l => l.Evidence.Select(e => e.Evidence))));
    }

    [Fact]
    public void The_able_get_further_than_the_less_able()
    {
        var simulation = Run(200, 1);
        var reached = DemoTruth.Of(simulation).Reached;
        var byAbility = simulation.Learners.Select((l, i) => (l.Ability, Levels: reached[i])).OrderBy(l => l.Ability).ToList();

        Assert.True(byAbility.TakeLast(50).Average(l => l.Levels) > byAbility.Take(50).Average(l => l.Levels) + 2);
    }

    [Fact]
    public void The_entry_test_makes_two_cohorts_of_different_ability()
    {
        var learners = Run(200, 1).Learners;

        Assert.InRange(learners.Count(l => l.Advanced), 70, 130);
        Assert.InRange(learners.Where(l => l.Advanced).Average(l => l.Ability) - learners.Where(l => !l.Advanced).Average(l => l.Ability), 0.8, 2);
        Assert.All([true, false], a => Assert.True(Run(30, 1).Learners.Count(l => l.Advanced == a) >= 5));
    }

    [Fact]
    public void Assessors_err_as_often_as_they_should_and_both_judge_a_third_of_the_work()
    {
        var work = Run(200, 1).Learners.SelectMany(l => l.Evidence).ToList();

        Assert.Equal(1 / 3.0, work.Average(e => e.Verdicts.Count - 1.0), tolerance: 0.05);
        Assert.All(work, e => Assert.Equal(e.Verdicts.Count, e.Verdicts.DistinctBy(v => v.Assessor).Count()));
        for (var a = 0; a < DemoAssessor.All.Count; a++)
        {
            var verdicts = work.SelectMany(e => e.Verdicts.Where(v => v.Assessor == a).Select(v => (v.Accepted, e.Good))).ToList();
            Assert.Equal(DemoAssessor.All[a].Errs, verdicts.Average(v => v.Accepted == v.Good ? 0.0 : 1.0), tolerance: 0.03);
        }
    }

    [Fact]
    public void An_award_counts_from_the_last_thing_it_rests_on()
    {
        var simulation = Run(30, 1);
        foreach (var (learner, times) in simulation.Learners.Zip(DemoTruth.Of(simulation).AwardedAt))
        {
            Assert.Equal(times.OrderBy(t => t ?? DateTimeOffset.MaxValue), times);
            Assert.All(times.Take(8), (at, level) => Assert.InRange(
                at!.Value, learner.Evidence.Where(e => e.Milestone == simulation.Framework.Milestones[level].Code).Max(e => e.Verdicts.Max(v => v.At)), DateTimeOffset.MaxValue));
            Assert.All(times.Skip(8), at => Assert.Null(at));
        }
    }

    [Fact]
    public void A_test_is_passed_more_often_by_the_able_and_answers_follow_the_logistic_curve()
    {
        var test = new SkillTest(Difficulty: 0.5, Discrimination: 1.5);

        Assert.Equal(0.5, test.Chance(0.5), precision: 12);
        Assert.Equal(1 / (1 + Math.Exp(-1.5)), test.Chance(1.5), precision: 12);
        Assert.Equal(1 / (1 + Math.Exp(6.75)), test.Chance(-4), precision: 12);
        var dice = new Dice(7);
        Assert.Equal((double)test.Chance(1.0), Enumerable.Range(0, 2_000).Average(_ => (double)test.Attempt(1.0, dice)), tolerance: 0.01);
    }

    [Fact]
    public void Dice_are_fair_enough()
    {
        var dice = Dice.Of(1, 2, 3);
        var normals = Enumerable.Range(0, 20_000).Select(_ => dice.Normal()).ToList();

        Assert.Equal(0, normals.Average(), tolerance: 0.03);
        Assert.Equal(1, normals.Average(x => x * x), tolerance: 0.03);
        Assert.Equal(0.5, Enumerable.Range(0, 20_000).Average(_ => dice.Uniform()), tolerance: 0.02);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 100).Select(_ => dice.Below(3)).Distinct().Order());
    }

    private static DemoSimulation Run(int learners, int seed) => DemoSimulation.Run(new DemoOptions(learners, seed, Exit: true), Framework);

    private static string Hash(DemoSimulation simulation)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var batch in DemoPosts.Batches(simulation))
        {
            var (body, contentType) = DemoPosts.Encode(batch);
            hash.AppendData(body.Span);
            hash.AppendData(Encoding.UTF8.GetBytes(contentType));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
