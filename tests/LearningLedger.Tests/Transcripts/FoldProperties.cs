using CsCheck;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Evidence;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Transcripts;

public class FoldProperties
{
    private static readonly string[] HumanActs = ["award.affirmed", "award.suspended", "award.revoked"];

    [Fact]
    public void As_of_any_event_is_the_fold_of_the_events_up_to_it_and_stays_so() => RandomEvents.Streams.Sample(stream =>
    {
        var states = new List<Transcript> { Transcript.Empty(Learner) };
        foreach (var recorded in stream.Events)
        {
            states.Add(states[^1].Evolve(recorded));
        }

        // Compared only now, so that a state changed by a later event would show.
        for (var n = 0; n < states.Count; n++)
        {
            Assert.Equal(Transcript.Fold(Learner, stream.Events.Take(n)).Visible(), states[n].Visible());
        }
    });

    [Fact]
    public void Every_event_is_somewhere_to_be_seen() => RandomEvents.Streams.Sample(stream =>
    {
        var seen = stream.Transcript.Visible();
        Assert.All(stream.Events.Skip(1), e => Assert.Contains(e.EventId.ToString(), seen, StringComparison.Ordinal));
    });

    [Fact]
    public void A_flag_ends_only_by_affirm_suspend_or_revoke() => RandomEvents.Streams.Sample(stream =>
    {
        var before = Transcript.Empty(Learner);
        foreach (var recorded in stream.Events)
        {
            var after = before.Evolve(recorded);
            foreach (var award in before.Awards.Where(a => a.Flagged && !after.FindAward(a.Id)!.Flagged))
            {
                Assert.Contains(recorded.Type, HumanActs);
                Assert.Equal(award.Id, ((IAwardEvent)recorded.Data).Award);
            }

            before = after;
        }
    });

    [Fact]
    public void Nothing_but_an_event_about_the_award_itself_changes_where_it_stands() => RandomEvents.Streams.Sample(stream =>
    {
        var before = Transcript.Empty(Learner);
        foreach (var recorded in stream.Events)
        {
            var after = before.Evolve(recorded);
            Assert.All(
                before.Awards.Where(a => a.Status != after.FindAward(a.Id)!.Status),
                a => Assert.Equal(a.Id, ((IAwardEvent)recorded.Data).Award));
            before = after;
        }
    });

    [Fact]
    public void No_award_is_clean_on_a_broken_basis_unless_a_person_acted_since() => RandomEvents.Streams.Sample(stream =>
    {
        var transcript = stream.Transcript;
        foreach (var award in transcript.Awards.Where(a => a.Stands && !a.Flagged))
        {
            var acted = award.History.Where(h => HumanActs.Contains(h.Event)).Select(h => h.At.Version).LastOrDefault();
            Assert.All(award.Basis, id => Assert.True(BrokenAt(transcript, award, id) is not { } version || version < acted));
        }
    });

    [Fact]
    public void Permuting_facts_that_do_not_depend_on_each_other_changes_nothing()
    {
        var facts = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[0, 9], Gen.Int[1, 1000]).Array[1, 30];
        Gen.Select(facts, Gen.Int).Sample((moves, seed) =>
        {
            var ordered = moves.Select((move, i) => Fact(move.Item1, move.Item2, move.Item3, move.Item4, i)).ToList();
            var shuffled = ordered.ToArray();
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(Outcome(Recorded(ordered)), Outcome(Recorded(shuffled)));
        });
    }

    /// <summary>When the event with this id broke last, told from the transcript alone and not from its doubts; null if it holds or is unknown.</summary>
    private static long? BrokenAt(Transcript transcript, Award restingOnIt, Guid id)
    {
        var since = restingOnIt.Grants[0].At.Version;
        var breaks = new List<long>();
        if (transcript.Voidings.TryGetValue(id, out var voiding))
        {
            breaks.Add(voiding.At.Version);
        }

        foreach (var item in transcript.Evidence.Values)
        {
            var own = item.Reviews.Find(r => r.At.EventId == id);
            if (item.Withdrawn is { } withdrawal && (own is not null || item.Submitted.EventId == id))
            {
                breaks.Add(withdrawal.At.Version);
            }

            breaks.AddRange(item.Verdicts
                .Where(v => v.Decision == Verdict.Rejected && (item.Submitted.EventId == id || own?.At.Actor == v.At.Actor))
                .Select(v => FirstOfRun(item, v)));
        }

        breaks.AddRange(transcript.Awards
            .Where(a => a.EndedBy is not null && a.Id != restingOnIt.Id && a.Grants.Any(g => g.At.EventId == id))
            .Select(a => a.History.Find(h => h.At.EventId == a.EndedBy)!.At.Version));
        return breaks.Count == 0 ? null : Math.Max(breaks.Max(), since);
    }

    /// <summary>The rejection from which on the actor never said anything else: repeating it is no news.</summary>
    private static long FirstOfRun(EvidenceItem item, Review verdict) =>
        item.Reviews.Where(r => r.At.Actor == verdict.At.Actor).Reverse().TakeWhile(r => r.Decision == Verdict.Rejected).Last().At.Version;

    private static (Guid Id, ILedgerEvent Data, DateTimeOffset Occurred) Fact(int kind, int pick, int score, int minute, int index)
    {
        var id = LedgerIds.Event(Tenant, Platform, $"{index}");

        // Times all differ: for facts of one skill and one time, the sequence decides, and a permutation changes that.
        var occurred = Day(1).AddMinutes(minute).AddSeconds(index);
        ILedgerEvent data = kind switch
        {
            0 => new AttemptVoided(LedgerIds.Event(Tenant, Platform, $"{(index + pick) % 30}"), "x"),
            1 => new EvidenceSubmitted(EvidenceId(index), [$"skill-{pick % 3}"], "text/plain", 1, "", new Sealed("")),
            2 => new EvidenceWithdrawn(EvidenceId((index + pick) % 30), "x"),
            _ => new SkillAttempted($"skill-{pick % 3}", score / 9m),
        };
        return (id, data, occurred);
    }

    private static Transcript Recorded(IEnumerable<(Guid Id, ILedgerEvent Data, DateTimeOffset Occurred)> facts) => Transcript.Fold(
        Learner,
        facts.Select((f, i) => new RecordedEvent(
            f.Id, EventCatalog.Of(f.Data.GetType()).Name, Learner, i + 1, i + 1, f.Occurred, Day(100), PlatformKey, Platform, f.Data)));

    private static string Outcome(Transcript transcript)
    {
        var milestone = Milestone("m", 0, ["skill-0", "skill-1"], 0.5m);
        var skills = Enumerable.Range(0, 3).Select(n => transcript.AttemptsAt($"skill-{n}"))
            .Select(s => $"{s.Best?.At.EventId} {s.Latest?.At.EventId} {s.First?.At.EventId} {s.All.Count} {s.Voided}");
        var evidence = transcript.Evidence.Values.OrderBy(e => e.Id).Select(e => $"{e.Id} {e.Status}");
        var eligibility = AwardPolicy.Evaluate(transcript, Framework(milestone), milestone) switch
        {
            Eligibility.Eligible met => $"{met.EffectiveAt} {string.Join(' ', met.Basis.Order())}",
            var missing => string.Join(' ', missing.Missing()),
        };
        return string.Join('\n', [.. skills, .. evidence, eligibility]);
    }
}
