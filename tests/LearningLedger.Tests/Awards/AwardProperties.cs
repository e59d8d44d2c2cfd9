using CsCheck;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Tests.Transcripts;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

public class AwardProperties
{
    private static readonly string?[] Durations = [null, "P1Y", "P1M", "", "P0D", "never", "P9999Y", "-P1Y"];

    private static readonly Gen<Milestone> Rules = Gen.Select(
        Gen.Int[-1, 11], Gen.Int[0, 2], Gen.Int[-1, 3], Gen.Int[-1, 3], Gen.Int[0, 15],
        Gen.Int[0, 7].Select(i => Durations[i])).Select((score, attempts, minimum, assessors, bits, validFor) =>
        Milestone(
            "m", 0, Bits(bits, "linux", "git", "docker", "deploy"), score / 10m, (CountingAttempts)attempts, new EvidenceRule(minimum, assessors),
            Bits(bits / 3, "foundations", "containers", "m"), AwardDecision.Automatic, validFor));

    [Fact]
    public void The_policy_answers_every_rule_on_every_transcript() => Gen.Select(RandomEvents.Streams, Rules).Sample((stream, milestone) =>
    {
        var transcript = stream.Transcript;
        var framework = Framework(milestone);
        switch (AwardPolicy.Evaluate(transcript, framework, milestone))
        {
            case Eligibility.Eligible met:
                Assert.NotEmpty(met.Basis);
                Assert.Equal(met.Basis.Distinct(), met.Basis);
                Assert.All(met.Basis, id => Assert.Contains(stream.Events, e => e.EventId == id));
                break;
            case var missing:
                Assert.NotEmpty(missing.Missing());
                break;
        }

        AutomaticAwards.Decide(Tenant, transcript, [framework, Engineer]);
    });

    [Fact]
    public void No_milestone_ever_has_two_open_awards() => RandomCareers.Careers.Sample(career => EachStep(career, (_, _, after) =>
        Assert.All(after.Awards.Where(a => a.Open).GroupBy(a => (a.Framework, a.Milestone)), open => Assert.Single(open))));

    [Fact]
    public void The_policy_awards_a_milestone_at_most_once_and_never_after_a_person_did() => RandomCareers.Careers.Sample(career =>
        EachStep(career, (before, recorded, _) =>
        {
            if (recorded is { Data: MilestoneAwarded award, Actor: AutomaticAwards.Actor })
            {
                Assert.Empty(before.AwardsOf(award.Framework, award.Milestone));
            }
        }));

    [Fact]
    public void What_was_decided_never_strays() => RandomCareers.Careers.Sample(career => Assert.All(
        career.Transcript.Strays, stray => Assert.Contains(stray.Type, (string[])["evidence.submitted", "evidence.withdrawn"])));

    [Fact]
    public void Every_award_and_renewal_replays_the_same() => RandomCareers.Careers.Sample(career => Assert.All(
        career.Events.Where(e => e.Data is MilestoneAwarded or AwardRenewed),
        award => Assert.Empty(AwardReplay.Check(award, career.Events, RandomCareers.InForce))));

    [Fact]
    public void Nobody_decides_on_evidence_they_reviewed() => RandomCareers.Careers.Sample(career => EachStep(career, (before, recorded, _) =>
    {
        var basis = recorded.Data switch
        {
            MilestoneAwarded award => award.Basis,
            AwardRenewed renewal => renewal.Basis,
            _ => [],
        };
        var reviewed = before.Evidence.Values.SelectMany(item => item.Reviews).Where(r => basis.Contains(r.At.EventId));
        Assert.DoesNotContain(recorded.Actor, reviewed.Select(r => r.At.Actor));
    }));

    [Fact]
    public void Nothing_is_left_for_the_policy_once_it_has_decided() => RandomCareers.Careers.Sample(career =>
        Assert.Empty(AutomaticAwards.Decide(Tenant, career.PolicyAwards(RandomCareers.InForce).Transcript, [RandomCareers.InForce])));

    [Fact]
    public void An_outlook_holds_over_every_event_it_denies() => Gen.Select(RandomEvents.Streams, Rules, Rules).Sample((stream, one, another) =>
    {
        FrameworkDefinition[] inForce = [Framework(one, another with { Code = "n" }), Engineer with { Code = "other" }];
        AwardOutlook? outlook = null;
        EachStep(stream, (_, recorded, after) =>
        {
            if (outlook is null || outlook.MayOpenBy(recorded.Data))
            {
                outlook = AutomaticAwards.Outlook(after, inForce);
                Assert.Equal(outlook is null, AutomaticAwards.AnyFollows(after, inForce));
            }
            else
            {
                Assert.False(AutomaticAwards.AnyFollows(after, inForce));
            }
        });
    });

    [Fact]
    public void Careers_see_every_kind_of_event()
    {
        // Guards the properties above against generators that have become too tame.
        var seen = new HashSet<string>();
        RandomCareers.Careers.Sample(career => { lock (seen) { seen.UnionWith(career.Events.Select(e => e.Type)); } }, iter: 3_000);
        var never = EventCatalog.All.Where(e => e.Family == StreamFamily.Learner && e.Body != typeof(AwardFlagged) && e.Body != typeof(LearnerLinked) && e.Body != typeof(LearnerUnlinked) && e.Body != typeof(LearnerErased)).Select(e => e.Name).Except(seen);
        Assert.Empty(never);
    }

    private static void EachStep(LearnerStream career, Action<Transcript, RecordedEvent, Transcript> check)
    {
        var before = Transcript.Empty(Learner);
        foreach (var recorded in career.Events)
        {
            var after = before.Evolve(recorded);
            check(before, recorded, after);
            before = after;
        }
    }

    private static string[] Bits(int bits, params string[] all) => [.. all.Where((_, i) => (bits >> i & 1) == 1)];
}
