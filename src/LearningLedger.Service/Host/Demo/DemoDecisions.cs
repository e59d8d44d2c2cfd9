using System.Net;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Host.Demo;

/// <summary>What people decide in the demo. Each looks at the transcript first, so a second run decides nothing twice.</summary>
internal static class DemoDecisions
{
    /// <summary>The decider voids what an invigilator annulled. Before any review, so that no award can rest on it.</summary>
    public static async Task<int> VoidAsync(DemoStage stage, Posted posted, CancellationToken ct)
    {
        var voided = 0;
        var annulled = stage.Simulation.Learners.SelectMany((l, i) => l.Attempts.Where(a => a.Voided).Select(a => (Learner: posted.Learners[i], a.Id)));
        await Parallel.ForEachAsync(annulled, DemoApi.Together(ct), async (a, one) =>
        {
            var done = await stage.Api.TryPostAsync(
                stage.Keys.Decider,
                $"/v1/learners/{a.Learner:D}/attempts/{posted.EventIds[a.Id]:D}/void",
                new { reason = "misconduct" },
                fine: HttpStatusCode.Conflict,
                one);
            Interlocked.Add(ref voided, done ? 1 : 0);
        });
        return voided;
    }

    /// <summary>The assessors review what they have not reviewed; one learner's work in turn, many learners at once.</summary>
    public static async Task<int> ReviewAsync(DemoStage stage, Posted posted, CancellationToken ct)
    {
        var reviewed = 0;
        await stage.WithProgressAsync("Reviewing evidence", stage.Options.Learners, async report =>
        {
            var learners = 0;
            await Parallel.ForAsync(0, stage.Options.Learners, DemoApi.Together(ct), async (i, one) =>
            {
                var learner = posted.Learners[i];
                var transcript = await stage.Api.GetAsync<TranscriptDocument>(stage.Keys.Auditor, $"/v1/learners/{learner:D}/transcript", one);
                var known = transcript.Skills.SelectMany(s => s.Evidence).DistinctBy(e => e.Evidence)
                    .SelectMany(e => e.Reviews.Select(r => (e.Evidence, r.Actor)))
                    .ToHashSet();

                // A rejection first, else an acceptance might bring an award that it then casts doubt on; and of two acceptances the later one first, as
                // the award counts from then on.
                var verdicts =
                    from item in stage.Simulation.Learners[i].Evidence
                    from verdict in item.Verdicts.OrderBy(v => v.Accepted).ThenByDescending(v => v.At)
                    where !known.Contains((item.Evidence, DemoKeys.Actor(verdict.Assessor)))
                    select (item.Evidence, Verdict: verdict);
                foreach (var (evidence, verdict) in verdicts)
                {
                    await stage.Api.PostAsync(
                        stage.Keys.Assessors[verdict.Assessor],
                        $"/v1/learners/{learner:D}/evidence/{evidence:D}/reviews",
                        new { decision = verdict.Accepted ? Verdict.Accepted : Verdict.Rejected, rubric = "demo", occurredAt = verdict.At },
                        one);
                    Interlocked.Increment(ref reviewed);
                }

                report(Interlocked.Increment(ref learners));
            });
        });
        return reviewed;
    }

    /// <summary>The decider asks the ledger who is eligible for what no policy awards, and awards it.</summary>
    public static async Task<int> AwardAsync(DemoStage stage, Posted posted, CancellationToken ct)
    {
        var awarded = 0;
        foreach (var milestone in stage.Milestones.Where(m => m.Rule.Decision == AwardDecision.Assessor))
        {
            await stage.WithProgressAsync($"Deciding on level {milestone.Level}", stage.Options.Learners, async report =>
            {
                var asked = 0;
                await Parallel.ForEachAsync(posted.Learners, DemoApi.Together(ct), async (learner, one) =>
                {
                    var path = $"/v1/learners/{learner:D}";
                    var transcript = await stage.Api.GetAsync<TranscriptDocument>(stage.Keys.Auditor, $"{path}/transcript", one);
                    if (transcript.Milestones.All(m => m.Milestone != milestone.Code)
                        && (await stage.Api.GetAsync<ProgressAnswer>(stage.Keys.Auditor, $"{path}/milestones/{milestone.Code}", one)).Eligible)
                    {
                        await stage.Api.PostAsync(stage.Keys.Decider, $"{path}/awards", new { milestone = milestone.Code }, one);
                        Interlocked.Increment(ref awarded);
                    }

                    report(Interlocked.Increment(ref asked));
                });
            });
        }

        return awarded;
    }
}
