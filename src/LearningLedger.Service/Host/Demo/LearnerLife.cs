using System.Globalization;
using LearningLedger.Events;
using LearningLedger.Frameworks;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Lives one learner's life: level by level, skill by skill, until they lose patience or are done.</summary>
internal sealed class LearnerLife
{
    private readonly DemoOptions options;
    private readonly IReadOnlyDictionary<string, SkillTest> tests;
    private readonly string subject;
    private readonly int index;
    private readonly Dice dice;
    private readonly int patience;
    private readonly double talent;
    private readonly bool advanced;
    private readonly Dictionary<string, double> practice = [];
    private readonly Dictionary<string, (decimal Best, decimal Last)> scores = [];
    private readonly List<DemoAttempt> attempts = [];
    private readonly List<DemoEvidence> evidence = [];
    private double ability;
    private DateTimeOffset clock = DemoOptions.Start;

    private LearnerLife(DemoOptions options, IReadOnlyDictionary<string, SkillTest> tests, int index)
    {
        (this.options, this.tests, this.index) = (options, tests, index);
        subject = string.Create(CultureInfo.InvariantCulture, $"learner-{index + 1:0000}");
        dice = Dice.Of(options.Seed, purpose: 1, index);
        talent = ability = dice.Normal();
        patience = 3 + dice.Below(5);

        // The entry test knows ability but roughly.
        advanced = talent + (0.7 * Dice.Of(options.Seed, purpose: 3, index).Normal()) > 0;
    }

    /// <summary>A life; it depends on seed and index alone.</summary>
    public static DemoLearner Of(DemoOptions options, FrameworkDefinition framework, IReadOnlyDictionary<string, SkillTest> tests, int index)
    {
        var life = new LearnerLife(options, tests, index);
        life.Pass(minutes: 4_000);
        foreach (var milestone in framework.Milestones)
        {
            if (life.dice.Chance(0.05) || !life.LearnSkills(milestone) || !life.HandInEvidence(milestone))
            {
                break;
            }

            life.ability += 0.1;
        }

        return new DemoLearner(life.subject, life.talent, life.advanced, life.attempts, life.evidence);
    }

    private bool LearnSkills(Milestone milestone)
    {
        foreach (var skill in milestone.Skills)
        {
            // A few try again what they have passed, which where the latest attempt counts may cost them the pass.
            var curious = dice.Chance(0.04);
            for (var tries = 0; !HasPassed(skill, milestone.Rule) || curious; tries++)
            {
                if (tries >= patience)
                {
                    return HasPassed(skill, milestone.Rule);
                }

                curious &= !HasPassed(skill, milestone.Rule);
                Try(skill, milestone.Rule.PassingScore);
            }
        }

        return true;
    }

    private bool HasPassed(string skill, AwardRule rule) =>
        scores.TryGetValue(skill, out var score) && (rule.Attempts == CountingAttempts.Latest ? score.Last : score.Best) >= rule.PassingScore;

    private void Try(string skill, decimal passing)
    {
        Pass(minutes: 600);
        var learnt = practice.GetValueOrDefault(skill);
        var (expected, score) = (tests[skill].Chance(ability + learnt), tests[skill].Attempt(ability + learnt, dice));
        var passed = score >= passing;
        var voided = passed && dice.Chance(0.002);
        attempts.Add(new DemoAttempt(NextId(), skill, score, expected, clock, voided));
        practice[skill] = learnt + (passed ? 0.05 : dice.Between(0.15, 0.45));
        if (!voided)
        {
            var best = scores.TryGetValue(skill, out var before) ? Math.Max(before.Best, score) : score;
            scores[skill] = (best, score);
        }
    }

    private bool HandInEvidence(Milestone milestone)
    {
        var need = milestone.Rule.Evidence;
        var accepted = new List<DemoEvidence>();
        for (var items = 0; accepted.Count < need.Minimum || accepted.SelectMany(e => e.Verdicts).DistinctBy(v => v.Assessor).Count() < need.DistinctAssessors; items++)
        {
            if (items == need.Minimum + 2)
            {
                return false;
            }

            Pass(minutes: 3_000);
            var skills = Enumerable.Range(0, 1 + dice.Below(3)).Select(_ => milestone.Skills[dice.Below(milestone.Skills.Count)]).Distinct().ToList();
            var good = dice.Chance(new SkillTest(0.2 * milestone.Level, 1).Chance(ability + 2.2));
            var id = NextId();
            var item = new DemoEvidence(
                id, LedgerIds.Derive("demo-evidence", options.Cohort, id), milestone.Code, skills, clock, good, Judge(good, first: (index + items) % DemoAssessor.All.Count));
            evidence.Add(item);
            clock = item.Verdicts.Max(v => v.At);
            if (item.Accepted)
            {
                accepted.Add(item);
            }
        }

        return true;
    }

    /// <summary>The assessors take turns; a third of the work is judged by both, neither knowing of the other.</summary>
    private DemoVerdict[] Judge(bool good, int first)
    {
        int[] judges = dice.Chance(1 / 3.0) ? [first, 1 - first] : [first];
        return [.. judges.Select(a => new DemoVerdict(a, dice.Chance(DemoAssessor.All[a].Errs) != good, After(DemoAssessor.All[a].Minutes)))];
    }

    /// <summary>Lets some time go by.</summary>
    private void Pass(int minutes) => clock = After(minutes);

    /// <summary>Some time later, at least ten minutes; whole seconds.</summary>
    private DateTimeOffset After(int minutes) => clock.AddSeconds(600 + dice.Below(minutes * 60));

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{subject}-{attempts.Count + evidence.Count + 1:0000}");
}
