using System.Net;
using System.Text.Json;
using System.Web;
using LearningLedger.Attempts;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host.Demo;
using LearningLedger.Statistics;

namespace LearningLedger.Service.Tests.Demo;

/// <summary>The questions about cohorts, answered from the transcripts.</summary>
internal sealed partial class FakeLedger
{
    private HttpResponseMessage Answer(string cohort, string question, string query)
    {
        var parameters = HttpUtility.ParseQueryString(query);
        var (with, days) = (parameters["with"] ?? "", int.Parse(parameters["days"] ?? "0", System.Globalization.CultureInfo.InvariantCulture));
        var answer = JsonSerializer.SerializeToNode(
            question switch
            {
                "funnel" => Funnel(cohort),
                "skills" => Skills(cohort),
                "time-to-milestone" => Times(cohort, parameters["milestone"]!),
                "mastery" when parameters["by"] == "learners" => new { learners = cohorts[cohort].Select(MasteryOf) },
                "mastery" => new { cohorts = new[] { MasteryOf(cohort), MasteryOf(with) } },
                "assessors" => Assessors(cohort),
                "trends" => Trends(cohort),
                "stuck" => Stuck(cohort, days),
                "compare" => Compare(cohort, with),
                "expiring" => Expiring(cohort, days),
                _ => throw new InvalidOperationException(question),
            },
            LedgerJson.Options)!;
        Spoil?.Invoke(question + query, answer);
        return Json(HttpStatusCode.OK, answer);
    }

    private List<Attempt> Tries(Guid learner, string skill) =>
        [.. transcripts[learner].AttemptsAt(skill).All.Where(a => !transcripts[learner].Voidings.ContainsKey(a.At.EventId)).OrderBy(a => a.At.Occurred)];

    private decimal Passing(string skill) => Definition.Milestones.First(m => m.Skills.Contains(skill)).Rule.PassingScore;

    private object MasteryOf(Guid learner) => new
    {
        learner,
        skills = Definition.Skills.Select(s => (s.Code, Tries: Tries(learner, s.Code))).Where(s => s.Tries.Count > 0)
            .Select(s => new { skill = s.Code, attempts = s.Tries.Count, best = s.Tries.Max(a => a.Score), passed = s.Tries.Any(a => a.Score >= Passing(s.Code)) }),
    };

    private object MasteryOf(string cohort) => new
    {
        cohort,
        members = cohorts[cohort].Count,
        skills = Definition.Skills.Select(s => new
        {
            skill = s.Code,
            tried = cohorts[cohort].Count(l => Tries(l, s.Code).Count > 0),
            passed = cohorts[cohort].Count(l => Tries(l, s.Code).Any(a => a.Score >= Passing(s.Code))),
        }),
    };

    private object Assessors(string cohort)
    {
        var verdicts = cohorts[cohort].SelectMany(l => transcripts[l].Evidence.Values.SelectMany(e => e.Verdicts.Select(v => (
            Learner: l, e.Id, Assessor: v.At.Actor, Accepted: v.Decision == Verdict.Accepted, Hours: (v.At.Occurred - e.Submitted.Occurred).TotalHours)))).ToList();
        var both = verdicts.GroupBy(v => v.Id).Where(g => g.Count() == 2).Select(g => g.OrderBy(v => v.Assessor, StringComparer.Ordinal).Select(v => v.Accepted).ToArray()).ToList();
        long Count(bool one, bool two) => both.LongCount(b => b[0] == one && b[1] == two);
        return new
        {
            assessors = verdicts.GroupBy(v => v.Assessor).Select(g => new
            {
                assessor = g.Key,
                reviews = g.Count(),
                learners = g.Select(v => v.Learner).Distinct().Count(),
                acceptanceRate = (double)g.Count(v => v.Accepted) / g.Count(),
                acceptanceInterval = Proportion.Wilson(g.Count(v => v.Accepted), g.Count()),
                medianHours = Math.Round(g.Select(v => v.Hours).Order().ElementAt((g.Count() - 1) / 2), 6),
            }),
            agreement = both.Take(1).Select(_ => new
            {
                assessor = verdicts.Min(v => v.Assessor),
                other = verdicts.Max(v => v.Assessor),
                items = both.Count,
                kappa = Kappa.Cohen(new[,] { { Count(true, true), Count(true, false) }, { Count(false, true), Count(false, false) } })?.Value,
            }),
            overall = both.Count == 0 ? null : new { items = both.Count, fleissKappa = Kappa.Fleiss(both.Select(b => (int[])[b.Count(x => x), b.Count(x => !x)])) },
        };
    }

    private object Trends(string cohort)
    {
        DateTime Week(DateTimeOffset time) => time.UtcDateTime.Date.AddDays(-(((int)time.DayOfWeek + 6) % 7));
        var happened = cohorts[cohort].SelectMany(l =>
            Definition.Skills.SelectMany(s => Tries(l, s.Code)).Select(a => (Week: Week(a.At.Occurred), What: "attempt", Learner: l))
                .Concat(transcripts[l].Evidence.Values.Select(e => (Week: Week(e.Submitted.Occurred), What: "evidence", Learner: l)))
                .Concat(transcripts[l].Awards.Select(a => (Week: Week(a.EffectiveAt), What: "award", Learner: l)))
                .Append((Week: Week(DemoOptions.Start), What: "join", Learner: l)));
        return new
        {
            weeks = happened.GroupBy(h => h.Week).Select(w => new
            {
                week = DateOnly.FromDateTime(w.Key),
                attempts = w.Count(h => h.What == "attempt"),
                learners = w.Where(h => h.What is "attempt" or "evidence").Select(h => h.Learner).Distinct().Count(),
                evidence = w.Count(h => h.What == "evidence"),
                awarded = w.Count(h => h.What == "award"),
                joined = w.Count(h => h.What == "join"),
                ended = 0,
            }),
        };
    }

    private object Stuck(string cohort, int days)
    {
        var learners = cohorts[cohort].Select(l => (Learner: l, Progress: LastProgress(l), Ahead: Definition.Milestones.FirstOrDefault(m => transcripts[l].Awards.All(a => a.Milestone != m.Code))))
            .Where(l => l.Ahead is not null && l.Progress <= Now.AddDays(-days))
            .Select(l => (l.Learner, l.Progress, Ahead: l.Ahead!, Skill: Blocking(l.Learner, l.Ahead!))).ToList();
        return new
        {
            computedAt = Now,
            days,
            members = cohorts[cohort].Count,
            stuck = learners.Count,
            blocked = learners.GroupBy(l => (l.Ahead.Code, l.Skill)).Select(g => new { milestone = g.Key.Code, skill = g.Key.Skill, learners = g.Count() }),
            learners = learners.Select(l => (l, Tries: l.Skill is null ? [] : Tries(l.Learner, l.Skill))).Select(l => new
            {
                learner = l.l.Learner,
                milestone = l.l.Ahead.Code,
                lastProgress = l.l.Progress,
                idleDays = Math.Round((decimal)(Now - l.l.Progress).TotalSeconds / 86_400, 6, MidpointRounding.AwayFromZero),
                skill = l.l.Skill,
                attempts = l.Tries.Count,
                best = l.Tries.Count == 0 ? (decimal?)null : l.Tries.Max(a => a.Score),
            }),
        };
    }

    private DateTimeOffset LastProgress(Guid learner) =>
        Definition.Skills.Select(s => Tries(learner, s.Code).Find(a => a.Score >= Passing(s.Code))?.At.Occurred)
            .Concat(transcripts[learner].Evidence.Values.SelectMany(e => e.Verdicts).Where(v => v.Decision == Verdict.Accepted).Select(v => (DateTimeOffset?)v.At.Occurred))
            .Concat(transcripts[learner].Awards.Select(a => (DateTimeOffset?)a.EffectiveAt))
            .Max() ?? DemoOptions.Start;

    private string? Blocking(Guid learner, Milestone milestone) =>
        milestone.Skills.Where(s => transcripts[learner].AttemptsAt(s).Counting(milestone.Rule.Attempts) is not { } a || a.Score < milestone.Rule.PassingScore)
            .OrderByDescending(s => Tries(learner, s).Count).ThenBy(s => s, StringComparer.Ordinal).FirstOrDefault();

    private object Compare(string first, string second) => new
    {
        milestones = Definition.Milestones.Select(m => (m, One: Holding(first, m), Two: Holding(second, m))).Select(m => new
        {
            level = m.m.Level,
            milestone = m.m.Code,
            first = Share(m.One, first),
            second = Share(m.Two, second),
            difference = Difference(m.One, m.Two)?.Value,
            interval = Difference(m.One, m.Two)?.Interval,
        }),
        skills = Definition.Skills.Select(s => (s, One: Firsts(first, s), Two: Firsts(second, s))).Select(s => new
        {
            skill = s.s.Code,
            first = Mean(s.One),
            second = Mean(s.Two),
            hedgesG = HedgesG.Of(s.One, s.Two)?.Value,
            interval = HedgesG.Of(s.One, s.Two)?.Interval,
        }),
    };

    private (int Part, int Whole) Holding(string cohort, Milestone milestone) =>
        (cohorts[cohort].Count(l => transcripts[l].Awards.Any(a => a.Milestone == milestone.Code)), cohorts[cohort].Count);

    private static object Share((int Part, int Whole) holding, string cohort) =>
        new { cohort, members = holding.Whole, awarded = holding.Part, share = holding.Whole == 0 ? (double?)null : (double)holding.Part / holding.Whole };

    private static (double Value, Interval Interval)? Difference((int Part, int Whole) one, (int Part, int Whole) two) => Proportion.Difference(one.Part, one.Whole, two.Part, two.Whole);

    private Sums Firsts(string cohort, Skill skill)
    {
        var scores = cohorts[cohort].SelectMany(l => Tries(l, skill.Code).Take(1)).Select(a => a.Score).ToList();
        return new Sums(scores.Count, scores.Sum(), scores.Sum(s => s * s));
    }

    private static object Mean(Sums scores) => new { learners = scores.Count, mean = scores.Count == 0 ? (double?)null : scores.Mean };

    private object Expiring(string cohort, int days)
    {
        var awards = cohorts[cohort].SelectMany(l => transcripts[l].Awards.Where(a => a.ExpiresAt > Now && a.ExpiresAt <= Now.AddDays(days)).Select(a => (Learner: l, Award: a))).ToList();
        return new
        {
            computedAt = Now,
            milestones = awards.GroupBy(a => a.Award.Milestone).Select(g => new { level = Definition.Milestones.First(m => m.Code == g.Key).Level, milestone = g.Key, awards = g.Count() }),
            awards = awards.Select(a => new { learner = a.Learner, milestone = a.Award.Milestone, expiresAt = a.Award.ExpiresAt }),
        };
    }
}
