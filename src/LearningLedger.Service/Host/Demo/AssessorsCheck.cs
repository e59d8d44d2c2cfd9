using System.Globalization;
using static System.FormattableString;

namespace LearningLedger.Service.Host.Demo;

/// <summary>
/// How the assessors judge: what they did is counted again; and acceptance, pace and agreement are held against how the simulated assessors err and take
/// their time, the verdicts themselves left aside.
/// </summary>
internal static class AssessorsCheck
{
    /// <summary>Asks and compares.</summary>
    public static async Task<IReadOnlyList<DemoCheck>> AskAsync(DemoView view, CancellationToken ct)
    {
        var answer = await view.AskAsync<Answer>(view.Stage.Options.Cohort, "assessors", ct);
        var work = view.Stage.Simulation.Learners.SelectMany(l => l.Evidence.Select(e => (l.Subject, Evidence: e))).ToList();
        var both = work.Select(w => w.Evidence).Where(e => e.Verdicts.Count == 2).ToList();
        var estimates = Estimates(answer, work.Select(w => w.Evidence).ToList(), both).ToList();
        return
        [
            new(
                $"{DemoAssessor.All.Count} assessors: load, acceptance, turnaround; agreement on {both.Count} pieces",
                [
                    .. Tolerance.Differences(answer.Assessors.Select(a => (a.Assessor, Figures.Of(a))), Counted(work), Figures.Same),
                    .. Tolerance.Differences(answer.Agreement.Select(a => ($"{a.Assessor} and {a.Other}", new Agreement(a.Items, a.Kappa))), Agreed(both), Agreement.Same),
                    .. Tolerance.Differences(
                        answer.Overall is { } all ? [("all", new Agreement(all.Items, all.FleissKappa))] : Array.Empty<(string, Agreement)>(),
                        both.Count == 0 ? [] : [("all", new Agreement(both.Count, Fleiss(both)))], Agreement.Same),
                ]),
            new(
                $"{estimates.Count} estimates of assessors: within {Tolerance.StandardErrors} standard errors or twice the interval",
                [.. estimates.Where(e => !e.Agrees).Select(e => e.Words)]),
        ];
    }

    private static IEnumerable<(string, Figures)> Counted(IReadOnlyList<(string Subject, DemoEvidence Evidence)> work) =>
        from assessor in Enumerable.Range(0, DemoAssessor.All.Count)
        let judged = work.SelectMany(w => w.Evidence.Verdicts.Where(v => v.Assessor == assessor).Select(v => (w.Subject, v.Accepted, Took: v.At - w.Evidence.At))).ToList()
        where judged.Count > 0
        let took = judged.Select(j => j.Took).Order().ToList()
        select (
            DemoKeys.Actor(assessor),
            new Figures(
                judged.Count, judged.DistinctBy(j => j.Subject).Count(), (double)judged.Count(j => j.Accepted) / judged.Count,
                Math.Round((decimal)took[(took.Count - 1) / 2].Ticks / TimeSpan.TicksPerHour, 6)));

    private static IEnumerable<(string, Agreement)> Agreed(IReadOnlyList<DemoEvidence> both) =>
        both.Count == 0 ? [] : [($"{DemoKeys.Actor(0)} and {DemoKeys.Actor(1)}", new Agreement(both.Count, Cohen(both)))];

    /// <summary>Cohen's kappa of two who accept or reject, from the four counts.</summary>
    private static double? Cohen(IReadOnlyList<DemoEvidence> both)
    {
        double Count(bool first, bool second) => both.Count(e => Accepts(e, 0) == first && Accepts(e, 1) == second);
        var (yes, first, second, no) = (Count(true, true), Count(true, false), Count(false, true), Count(false, false));
        var chance = ((yes + first) * (first + no)) + ((yes + second) * (second + no));
        return chance == 0 ? null : 2 * ((yes * no) - (first * second)) / chance;
    }

    /// <summary>Fleiss' kappa of two is Scott's pi: chance is what both together accept.</summary>
    private static double? Fleiss(IReadOnlyList<DemoEvidence> both)
    {
        var accepts = both.Average(e => e.Verdicts.Count(v => v.Accepted) / 2.0);
        return accepts is 0 or 1 ? null : 1 - (both.Average(e => Accepts(e, 0) == Accepts(e, 1) ? 0.0 : 1.0) / (2 * accepts * (1 - accepts)));
    }

    private static bool Accepts(DemoEvidence evidence, int assessor) => evidence.Verdicts.Single(v => v.Assessor == assessor).Accepted;

    private static IEnumerable<(bool Agrees, string Words)> Estimates(Answer answer, IReadOnlyList<DemoEvidence> work, IReadOnlyList<DemoEvidence> both)
    {
        foreach (var (judge, assessor) in DemoAssessor.All.Select((judge, assessor) => (judge, assessor)))
        {
            var judged = work.Where(e => e.Verdicts.Any(v => v.Assessor == assessor)).ToList();
            if (judged.Count == 0 || answer.Assessors.FirstOrDefault(a => a.Assessor == DemoKeys.Actor(assessor)) is not { } row)
            {
                continue;
            }

            var accepts = judged.Average(e => e.Good ? 1 - judge.Errs : judge.Errs);
            yield return (Tolerance.Holds(row.AcceptanceRate, row.AcceptanceInterval, accepts), Invariant($"{row.Assessor} accepts {row.AcceptanceRate:0.000}, simulated {accepts:0.000}"));
            if (judged.Count >= Tolerance.Enough)
            {
                // One time is as likely as another, so of many verdicts as many come by the true median as coins show heads.
                var below = ((row.MedianHours * 60) - 10) / judge.Minutes;
                yield return (
                    Math.Abs(below - 0.5) <= Tolerance.StandardErrors * 0.5 / Math.Sqrt(judged.Count), Invariant($"{row.Assessor} takes {row.MedianHours:0.0} h, simulated {(10 + (judge.Minutes / 2)) / 60.0:0.0} h"));
            }
        }

        if (both.Count < Tolerance.Enough)
        {
            yield break;
        }

        var (one, two, good) = (DemoAssessor.All[0].Errs, DemoAssessor.All[1].Errs, both.Average(e => e.Good ? 1.0 : 0.0));
        var agrees = ((1 - one) * (1 - two)) + (one * two);
        var (accept, acceptToo) = ((good * (1 - one)) + ((1 - good) * one), (good * (1 - two)) + ((1 - good) * two));
        var pooled = (accept + acceptToo) / 2;
        foreach (var (name, said, chance) in new[]
        {
            ("Cohen's", answer.Agreement.FirstOrDefault()?.Kappa, (accept * acceptToo) + ((1 - accept) * (1 - acceptToo))),
            ("Fleiss'", answer.Overall?.FleissKappa, (pooled * pooled) + ((1 - pooled) * (1 - pooled))),
        })
        {
            if (said is not { } kappa)
            {
                continue;
            }

            // Whether they agree does not depend on the work, so how often they do is a matter of tosses too.
            var (truth, error) = ((agrees - chance) / (1 - chance), Math.Sqrt(agrees * (1 - agrees) / both.Count) / (1 - chance));
            yield return (Math.Abs(kappa - truth) <= Tolerance.StandardErrors * error, Invariant($"{name} kappa {kappa:0.000}, simulated {truth:0.000}"));
        }
    }

    private sealed record Answer(IReadOnlyList<AssessorRow> Assessors, IReadOnlyList<AgreementRow> Agreement, OverallRow? Overall);

    private sealed record AssessorRow(string Assessor, int Reviews, int Learners, double AcceptanceRate, IntervalAnswer? AcceptanceInterval, double MedianHours);

    private sealed record AgreementRow(string Assessor, string Other, int Items, double? Kappa);

    private sealed record OverallRow(int Items, double? FleissKappa);

    private sealed record Figures(int Reviews, int Learners, double AcceptanceRate, decimal MedianHours)
    {
        public static Figures Of(AssessorRow row) => new(row.Reviews, row.Learners, row.AcceptanceRate, (decimal)row.MedianHours);

        public static bool Same(Figures said, Figures should) =>
            Tolerance.Same(said.AcceptanceRate, should.AcceptanceRate) && said with { AcceptanceRate = 0 } == should with { AcceptanceRate = 0 };

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Reviews} on {Learners}, {AcceptanceRate:0.0000}, {MedianHours} h");
    }

    private sealed record Agreement(int Items, double? Kappa)
    {
        public static bool Same(Agreement said, Agreement should) => said.Items == should.Items && Tolerance.Same(said.Kappa, should.Kappa);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Items} items, kappa {Kappa}");
    }
}
