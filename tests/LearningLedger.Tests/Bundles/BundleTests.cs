using System.Text;
using System.Text.Json;
using LearningLedger.Bundles;
using LearningLedger.Events;
using LearningLedger.Integrity;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Bundles;

public class BundleTests
{
    private static BundleReport Verify(ProofBundle bundle, TrustPolicy? policy = null) => BundleVerifier.Verify(bundle.Utf8(), policy ?? BundleLog.Policy);

    private static LearnerStream Career() =>
        OperationsAwarded().Attempted("linux", 0.5m, 5).Attempted("linux", 0.95m, 6).Attempted("git", 0.8m, 6).PolicyAwards();

    private static void Proven(BundleReport report, int lines)
    {
        Assert.Empty(report.Failures);
        Assert.Empty(report.Gaps);
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(lines, report.Lines.Count);
        Assert.All(report.Lines, line => Assert.Equal(LineStatus.Proven, line.Status));
    }

    [Fact]
    public void Proves_every_line_of_a_whole_transcript()
    {
        var stream = Career();
        var bundle = BundleLog.Of(stream).Bundle();
        var report = Verify(bundle);

        Proven(report, 5);
        Assert.Equal(["milestone", "milestone", "skill", "skill", "skill"], bundle.Lines.Select(l => l.Kind.ToString().ToLowerInvariant()));
        Assert.Equal(BundleLog.Origin, report.Checkpoint!.Head.Origin);

        // The award of operations rests on attempt, submission, review and its own grant: versions 2 to 5.
        Assert.Equal(bundle.Entries.Skip(1).Take(4).Select(e => e.Index), bundle.Lines[0].Entries);
        Assert.DoesNotContain("\"sequence\"", Encoding.UTF8.GetString(bundle.Utf8()));
    }

    [Fact]
    public void Is_canonical_JSON_that_ends_with_its_digest_and_reads_back()
    {
        var file = BundleLog.Of(Career()).Bundle().Utf8();

        Assert.Equal(file, CanonicalJson.Bytes(file));
        Assert.Matches("^{\"bundle\":{\"asOf\":null,\"checkpoint\":\"ledger.example/acme.*},\"digest\":\"[0-9a-f]{64}\"}$", Encoding.UTF8.GetString(file));
        Assert.Equal(file, ProofBundle.Parse(file).Utf8());
    }

    [Fact]
    public void Lacks_a_quorum_until_the_witness_has_cosigned()
    {
        var log = BundleLog.Of(Career());

        var without = Verify(log.Bundle(), BundleLog.Witnessed);
        Assert.Equal(2, without.ExitCode);
        Assert.Contains("witnesses", Assert.Single(without.Gaps));
        Proven(Verify(log.Bundle(witnessed: true), BundleLog.Witnessed), 5);
        Assert.NotNull(Verify(log.Bundle(witnessed: true), BundleLog.Witnessed).Checkpoint!.Witnessed);
    }

    [Fact]
    public void Lacks_completeness_without_heads()
    {
        var report = Verify(new BundleLog().Take(Career()).Bundle());

        Assert.Equal(2, report.ExitCode);
        Assert.Empty(report.Failures);
        Assert.Contains("no heads", Assert.Single(report.Gaps));
    }

    [Fact]
    public void Proves_events_later_than_the_heads_too()
    {
        var stream = Career();
        var log = BundleLog.Of(stream);
        var known = stream.Events.Count;
        log.Take(stream.Revoked("operations"), from: known);

        Proven(Verify(log.Bundle()), 5);
    }

    [Fact]
    public void Finds_that_a_revocation_is_hidden()
    {
        var stream = Career().Revoked("operations");
        var log = BundleLog.Of(stream);
        var bundle = ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, upTo: stream.Events.Count - 1), log.Heads(Learner));

        var report = Verify(bundle);
        Assert.Equal(1, report.ExitCode);
        Assert.Contains("hides events", Assert.Single(report.Failures));
        Assert.All(report.Lines, line => Assert.Equal(LineStatus.Failed, line.Status));
    }

    [Fact]
    public void Does_not_prove_lines_where_an_event_is_not_shown()
    {
        var stream = Career().Revoked("operations");
        var log = BundleLog.Of(stream);
        var hidden = stream.Events.Count;
        var bundle = ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v != hidden), log.Heads(Learner));

        var report = Verify(bundle);
        Assert.Equal(2, report.ExitCode);
        Assert.Equal(6, report.Lines.Count);
        Assert.All(report.Lines, line => Assert.Equal(LineStatus.Undisclosed, line.Status));
        Assert.Contains("award.revoked", report.Lines[^1].Line.Line.GetRawText());
    }

    [Fact]
    public void Reads_erased_where_a_later_leaf_of_the_stream_erases_and_stays_proven_in_older_bundles()
    {
        var stream = Career();
        var log = BundleLog.Of(stream);
        var before = log.Bundle();
        var n = stream.Events.Count + 1;
        log.Add(Erasure(n), EventLeafKind.Erasure, "learner.erased").AddHeads();

        var report = Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v == n), log.Heads(Learner)));
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(n - 1, report.Lines.Count);
        Assert.All(report.Lines, line => Assert.Equal((LineStatus.Erased, BundleLineKind.Event), (line.Status, line.Line.Kind)));
        Proven(Verify(before), 5);
    }

    [Fact]
    public void Reads_erased_as_of_a_moment_before_the_erasure_too()
    {
        var stream = Career();
        var log = BundleLog.Of(stream);
        var n = stream.Events.Count + 1;
        log.Add(Erasure(n), EventLeafKind.Erasure, "learner.erased").AddHeads();
        BundleAsOf[] moments = [new(null, 3), new(stream.Events[2].Recorded, null)];

        Assert.All(moments, asOf =>
        {
            var report = Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: _ => false), log.Heads(Learner), asOf));
            Assert.Equal((0, 3), (report.ExitCode, report.Lines.Count));
            Assert.All(report.Lines, line => Assert.Equal(LineStatus.Erased, line.Status));
        });
    }

    [Fact]
    public void Takes_no_more_than_the_next_event_beyond_a_moment_unless_an_erasure_ends_the_stream()
    {
        var stream = Career();
        var log = BundleLog.Of(stream);
        var n = stream.Events.Count + 1;
        log.Add(Erasure(n), EventLeafKind.Erasure, "learner.erased").AddHeads();
        ProofBundle Made(BundleAsOf asOf, long upTo, Func<long, bool> isShown) =>
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, upTo, isShown), log.Heads(Learner), asOf);

        Assert.Equal(1, Verify(Made(new(null, 3), n - 1, _ => false)).ExitCode);
        Assert.Equal(1, Verify(Made(new(stream.Events[2].Recorded, null), n - 1, _ => false)).ExitCode);
        Assert.Equal(1, Verify(Made(new(null, 3), n, v => v == 4)).ExitCode);
        Assert.Equal(1, Verify(Made(new(null, n + 1), n, _ => false)).ExitCode);
    }

    [Fact]
    public void Does_not_let_an_erasure_serve_to_leave_out_a_revocation()
    {
        var stream = Career().Revoked("operations");
        var log = BundleLog.Of(stream);
        var n = stream.Events.Count + 1;
        log.Add(Erasure(n), EventLeafKind.Erasure, "learner.erased").AddHeads();

        var report = Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v != n - 1), log.Heads(Learner)));
        Assert.Equal(2, report.ExitCode);
        Assert.All(report.Lines.Where(l => l.Line.Kind != BundleLineKind.Event), line => Assert.Equal(LineStatus.Undisclosed, line.Status));
    }

    [Fact]
    public void Stands_at_a_moment_in_the_past_which_the_next_event_bounds()
    {
        var stream = Career();
        var log = BundleLog.Of(stream);
        var asOf = new BundleAsOf(stream.Events[4].Recorded.AddSeconds(1), null);
        var bundle = ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 6, v => v <= 5), log.Heads(Learner), asOf);

        Proven(Verify(bundle), 2);
        var unbounded = Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 5), log.Heads(Learner), asOf));
        Assert.Contains("is not shown", Assert.Single(unbounded.Failures));
        var telling = Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 6), log.Heads(Learner), asOf));
        Assert.Contains("without its content", Assert.Single(telling.Failures));
        var cut = Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 5, v => v <= 4), log.Heads(Learner), new(stream.Events[3].Recorded.AddSeconds(-1), null)));
        Assert.Contains("Beyond the moment", Assert.Single(cut.Failures));
    }

    [Fact]
    public void Stands_at_a_version()
    {
        var log = BundleLog.Of(Career());

        Proven(Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 5), log.Heads(Learner), new(null, 5))), 2);
        Assert.Equal(1, Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 4), log.Heads(Learner), new(null, 5))).ExitCode);
        Assert.Equal(1, Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 5), log.Heads(Learner), new(null, null))).ExitCode);
        Assert.Equal(1, Verify(ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 5), log.Heads(Learner), new(Day(900), 5))).ExitCode);
    }

    [Fact]
    public void Does_not_claim_a_moment_that_the_heads_have_not_reached()
    {
        var report = Verify(BundleLog.Of(Career()).Bundle(new(Day(701), null)));

        Assert.Equal(2, report.ExitCode);
        Assert.Contains("before the moment asked for", Assert.Single(report.Gaps));
        Proven(Verify(BundleLog.Of(Career()).Bundle(new(Day(699), null))), 5);
    }

    [Fact]
    public void Finds_an_event_left_out_repeated_moved_or_of_another_stream()
    {
        var log = BundleLog.Of(Career());
        var good = log.Entries(Learner);
        var stranger = log.Entries(LedgerIds.Cohort(Tenant, "1"));

        Assert.Equal("learner.registered", Assert.Single(stranger).Leaf.GetProperty("type").GetString());
        foreach (var bad in new List<BundleEntry>[]
        {
            [.. good.Take(3), .. good.Skip(4)], [.. good.Skip(1)], [good[0], .. good], [good[0], good[2], good[1], .. good.Skip(3)], [.. stranger, .. good.Skip(1)], [],
        })
        {
            Assert.Equal(1, Verify(log.Bundle() with { Entries = bad }).ExitCode);
        }
    }

    [Fact]
    public void Finds_another_line_a_missing_line_and_lines_in_another_order()
    {
        var bundle = BundleLog.Of(Career()).Bundle();
        var other = JsonSerializer.SerializeToElement(JsonSerializer.Deserialize<JsonElement>(bundle.Lines[2].Line.GetRawText().Replace("0.85", "0.95")));
        Assert.NotEqual(other.GetRawText(), bundle.Lines[2].Line.GetRawText());

        var changed = Verify(bundle with { Lines = [.. bundle.Lines.Select((l, i) => i == 2 ? l with { Line = other } : l)] });
        Assert.Equal(1, changed.ExitCode);
        Assert.Equal([2], changed.Lines.Index().Where(l => l.Item.Status == LineStatus.Failed).Select(l => l.Index));
        Assert.Equal(1, Verify(bundle with { Lines = [.. bundle.Lines.Skip(1)] }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Lines = [.. bundle.Lines.Reverse()] }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Lines = [.. bundle.Lines, bundle.Lines[0]] }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Lines = [.. bundle.Lines.Select((l, i) => i == 0 ? l with { Entries = [l.Entries[0]] } : l)] }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Projection = new("transcript", 2) }).ExitCode);
    }

    [Fact]
    public void Trusts_no_key_but_the_policy_s()
    {
        var bundle = BundleLog.Of(Career()).Bundle();

        Assert.Equal(1, Verify(bundle, BundleLog.PolicyOf($"log {Integrity.Keys.Log(BundleLog.Origin, 3).Verifier}\nquorum none\n")).ExitCode);
        Assert.Equal(1, Verify(bundle, BundleLog.PolicyOf($"log {Integrity.Keys.Log("ledger.example/other").Verifier}\nquorum none\n")).ExitCode);
    }

    [Fact]
    public void Refuses_heads_of_another_stream_tree_or_place()
    {
        var log = BundleLog.Of(Career());
        var bundle = log.Bundle();
        var heads = bundle.Heads!;
        var empty = LedgerIds.Cohort(Tenant, "nobody");

        Assert.Equal(1, Verify(bundle with { Heads = log.Heads(empty) }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Heads = heads with { Bucket = HeadsBucket.With(heads.Bucket, Learner, new(bundle.Entries.Count - 1, 0)) } }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Heads = heads with { Index = heads.Index - 1 } }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Heads = heads with { Leaf = bundle.Entries[0].Leaf, Index = bundle.Entries[0].Index, Path = bundle.Entries[0].Path } }).ExitCode);
        Assert.Equal(1, Verify(bundle with { Heads = heads with { Proof = [.. heads.Proof.Take(15)] } }).ExitCode);
    }

    [Fact]
    public void Takes_content_that_only_a_text_can_carry()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var at = Day(3);
        var salt = new byte[32];
        EventPayload.Write(output, """{"learner": "3f0c2b4e-6a51-4c2e-9d5b-2a7f0f3d9e11", "x": 0.10000000000000000001}"""u8.ToArray(), """{"actor": "key:a", "occurred": "2026-01-01T00:00:00.000000Z"}"""u8.ToArray(), null, null, null);
        var leaf = new EventLeaf(at, Commitment.Of(salt, output.WrittenSpan), PayloadEncoding.PgText, Guid.Empty, EventLeafKind.Event, 1, Learner, Tenant, "learner.registered").Bytes();
        var note = new Checkpoint(BundleLog.Origin, 1, TreeHash.Leaf(leaf)).Sign(BundleLog.Key);

        var report = Verify(ProofBundle.Make(Learner, note, [BundleEntry.Of(0, leaf, [], output.WrittenSpan, salt)], null));
        Assert.Empty(report.Failures);
        Assert.Equal(2, report.ExitCode);
    }

    [Fact]
    public void Fails_and_does_not_break_on_content_that_no_fold_can_take()
    {
        var stream = new LearnerStream().Attempted(null!, 1, 1);

        Assert.ThrowsAny<Exception>(() => stream.Transcript);
        var log = BundleLog.Of(stream);
        var bundle = ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 1), log.Heads(Learner)) with { Entries = log.Entries(Learner) };
        Assert.Equal(1, Verify(bundle).ExitCode);
        Assert.Contains("cannot be checked", Assert.Single(Verify(bundle).Failures));
    }

    private static RecordedEvent Erasure(int version) => new(
        LedgerIds.Decision(Tenant, Learner, version), "learner.registered", Learner, version, 10_000, Day(690), Day(690), Board, null, new LearnerRegistered(Learner));
}
