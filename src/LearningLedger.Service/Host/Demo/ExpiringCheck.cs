using System.Globalization;
using LearningLedger.Awards;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Which awards end soon, and when: worked out again from when they took effect, without tolerance.</summary>
internal static class ExpiringCheck
{
    /// <summary>Asks for the half that ends first and compares.</summary>
    public static async Task<DemoCheck> AskAsync(DemoView view, CancellationToken ct)
    {
        var stage = view.Stage;
        var ends =
            from learner in stage.Simulation.Learners.Zip(view.AwardedAt, (l, times) => (l.Subject, Times: times))
            from award in stage.Milestones.Zip(learner.Times, (milestone, at) => (Milestone: milestone, At: at))
            where award.Milestone.Rule.ValidFor is not null && award.At != DateTimeOffset.MaxValue
            select (learner.Subject, award.Milestone, At: End(award.At, award.Milestone.Rule.ValidFor!));
        var all = ends.ToList();
        var days = view.DaysToMiddle(all.Select(e => e.At));
        var answer = await view.AskAsync<Answer>(stage.Options.Cohort, string.Create(CultureInfo.InvariantCulture, $"expiring?days={days}"), ct);
        var should = all.Where(e => e.At > answer.ComputedAt && e.At <= answer.ComputedAt.AddDays(days)).ToList();
        return new DemoCheck(
            $"{should.Count} of {all.Count} awards end first: whose, of what, when",
            [
                .. Tolerance.Differences(
                    answer.Awards!.Select(a => ($"{view.Subject(a.Learner)} {a.Milestone}", a.ExpiresAt)), should.Select(e => ($"{e.Subject} {e.Milestone.Code}", e.At))),
                .. Tolerance.Differences(
                    answer.Milestones.Select(m => (m.Milestone, (m.Level, m.Awards))),
                    should.GroupBy(e => e.Milestone).Select(g => (g.Key.Code, ((int?)g.Key.Level, g.Count())))),
            ]);
    }

    private static DateTimeOffset End(DateTimeOffset start, string validFor) =>
        Validity.TryEnd(start, validFor, out var end) && end is { } at ? at : throw new DemoException($"{validFor} is no time an award lasts.");

    private sealed record Answer(DateTimeOffset ComputedAt, IReadOnlyList<MilestoneRow> Milestones, IReadOnlyList<AwardRow>? Awards);

    private sealed record MilestoneRow(int? Level, string Milestone, int Awards);

    private sealed record AwardRow(Guid Learner, string Milestone, DateTimeOffset ExpiresAt);
}
