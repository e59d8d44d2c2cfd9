using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using LearningLedger.Bundles;
using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Tests.Integrity.Proofs;
using LearningLedger.Tests.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Bundles;

/// <summary>Our verifier and the one in another language, asked the same.</summary>
public class BothVerifiersTests
{
    private static readonly LearnerStream Small = FoundationsAwarded().Revoked("foundations");

    private static int Ours(byte[] file, TrustPolicy? policy = null) => BundleVerifier.Verify(file, policy ?? BundleLog.Policy).ExitCode;

    [Fact]
    public async Task Agree_on_what_is_proven_false_and_not_shown()
    {
        var stream = OperationsAwarded().Revoked("operations");
        var log = BundleLog.Of(stream);
        var whole = log.Bundle();
        var n = stream.Events.Count;
        ProofBundle[] bundles =
        [
            whole,
            log.Bundle(witnessed: true),
            whole with { Heads = null },
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, n - 1), log.Heads(Learner)),
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v != n), log.Heads(Learner)),
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 4, v => v < 4), log.Heads(Learner), new(stream.Events[2].Recorded, null)),
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 3), log.Heads(Learner), new(stream.Events[2].Recorded, null)),
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 3), log.Heads(Learner), new(null, 3)),
            log.Bundle(new(Day(701), null)),
            whole with { Lines = [.. whole.Lines.Skip(1)] },
            whole with { Projection = new("transcript", 2) },
        ];
        int[] expected = [0, 0, 2, 1, 2, 0, 1, 0, 2, 1, 1];

        var theirs = await Theirs(BundleLog.PolicyText, bundles.Select(b => b.Utf8()));
        var witnessed = await Theirs(BundleLog.WitnessedText, bundles.Take(3).Select(b => b.Utf8()));
        Assert.Equal(expected, bundles.Select(b => Ours(b.Utf8())));
        Assert.Equal(expected, theirs);
        Assert.Equal([2, 0, 2], witnessed);
        Assert.Equal([2, 0, 2], bundles.Take(3).Select(b => Ours(b.Utf8(), BundleLog.Witnessed)));
    }

    [Fact]
    public async Task Agree_on_what_was_erased()
    {
        var log = BundleLog.Of(Small);
        var n = Small.Events.Count + 1;
        log.Add(Small.Events[0] with { EventId = Learner, Version = n, Recorded = Day(500) }, EventLeafKind.Erasure, "learner.erased").AddHeads();
        byte[][] files =
        [
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v == n), log.Heads(Learner)).Utf8(),
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v != n - 1), log.Heads(Learner)).Utf8(),
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v == 0), log.Heads(Learner)).Utf8(),
            Past(new(null, 2), n, _ => false), Past(new(Small.Events[1].Recorded, null), n, _ => false), Past(new(Small.Events[1].Recorded, null), n, v => v == 3),
            Past(new(null, 2), n - 1, _ => false), Past(new(null, 2), n, v => v == n), Past(new(null, n + 1), n, _ => false),
        ];
        int[] expected = [0, 2, 2, 0, 0, 1, 1, 1, 1];

        var theirs = await Theirs(BundleLog.PolicyText, files);
        Assert.Equal(expected, files.Select(f => Ours(f)));
        Assert.Equal(expected, theirs);

        byte[] Past(BundleAsOf asOf, long upTo, Func<long, bool> isShown) =>
            ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, upTo, isShown), log.Heads(Learner), asOf).Utf8();
    }

    [Fact]
    public async Task Agree_on_when_the_log_held_the_events()
    {
        using var authority = new TestAuthority();
        var log = BundleLog.Of(Small);
        var early = log.Checkpoint();
        log.Take(OperationsAwarded(), from: Small.Events.Count).AddHeads();
        var stamp = log.Stamp(authority.Stamp(early, Day(710)));
        var whole = BundleLog.Of(Small).Bundle() with { Timestamps = [BundleLog.Of(Small).Stamp(authority.Stamp(early, Day(710)))] };
        var late = log.Checkpoint();
        ProofBundle With(BundleTimestamp stamped) => ProofBundle.Make(Learner, late, log.Entries(Learner), log.Heads(Learner), timestamps: [stamped]);
        ProofBundle[] bundles =
        [
            whole,
            With(stamp),
            With(stamp with { Token = authority.Stamp(late, Day(710)).Token }),
            With(stamp with { Proof = [.. stamp.Proof.Skip(1)] }),
            With(stamp with { Token = [.. stamp.Token.Select((b, i) => i == stamp.Token.Length - 1 ? (byte)(b ^ 1) : b)] }),
            With(stamp with { Token = [0x6c, .. stamp.Token.Skip(1)] }),
            With(stamp) with { Timestamps = [] },
        ];
        int[] expected = [0, 0, 1, 1, 1, 1, 1];

        foreach (var trusted in new[] { authority.Own, authority.Root, null })
        {
            var policy = BundleLog.PolicyText + (trusted is null ? "" : $"#tsa t {Convert.ToHexString(trusted.Certificate.ToArray())}\n");
            Assert.Equal(expected, bundles.Select(b => Ours(b.Utf8(), BundleLog.PolicyOf(policy))));
            Assert.Equal(expected, await Theirs(policy, bundles.Select(b => b.Utf8())));
            Assert.Equal(trusted is null ? null : Day(710), BundleVerifier.Verify(whole.Utf8(), BundleLog.PolicyOf(policy)).LoggedBy);
        }
    }

    [Fact]
    public async Task Fold_every_stream_to_the_same_lines()
    {
        var files = new List<byte[]>();
        RandomEvents.Streams.Sample(
            stream =>
            {
                var log = new BundleLog();
                foreach (var recorded in stream.Events)
                {
                    // A score the service takes is exactly that of a double.
                    log.Add(recorded.Data is SkillAttempted a ? recorded with { Data = a with { Score = decimal.Round(a.Score, 3) } } : recorded);
                }

                lock (files)
                {
                    files.Add(log.AddHeads().Bundle().Utf8());
                }
            },
            iter: 150);

        Assert.All(files, file => Assert.Equal(0, Ours(file)));
        var theirs = await Theirs(BundleLog.PolicyText, files);
        Assert.All(theirs.Zip(files), pair => Assert.True(pair.First == 0, Encoding.UTF8.GetString(pair.Second)));
    }

    [Fact]
    public async Task Agree_that_a_renewal_that_rests_on_the_expired_grant_itself_is_in_doubt()
    {
        var stream = OperationsAwarded();
        var award = stream.Award("operations");
        stream.Append(new AwardExpired(award.Id, Day(800)), Day(800), Board);
        stream.Append(new AwardRenewed(award.Id, "x", Day(801), null, [stream.Id(4), stream.Id(5)]), Day(801), Board);
        var bundle = BundleLog.Of(stream).Bundle();
        var theirs = await Theirs(BundleLog.PolicyText, [bundle.Utf8()]);

        Assert.True(stream.Award("operations").Flagged);
        Assert.Equal(0, Ours(bundle.Utf8()));
        Assert.Equal([0], theirs);
    }

    [Fact]
    public async Task Refuse_a_bundle_with_any_single_byte_changed()
    {
        var file = BundleLog.Of(Small).Bundle().Utf8();
        using var node = new NodeVerifier(BundleLog.PolicyText);
        node.Ask(file);
        for (var i = 0; i < file.Length; i++)
        {
            foreach (var flip in new byte[] { 0x01, 0x20, 0x80 })
            {
                var changed = file.ToArray();
                changed[i] ^= flip;
                Assert.True(Ours(changed) == 1, $"byte {i}");
                node.Ask(i, changed[i]);
            }
        }

        var answers = await node.AnswersAsync();
        Assert.Equal(0, answers[0]);
        Assert.All(answers.Skip(1), code => Assert.Equal(1, code));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("linked")]
    [InlineData("erased")]
    public async Task Refuse_a_bundle_with_any_field_changed_and_the_digest_made_anew(string kind)
    {
        var whole = Kinds[kind]().Utf8();
        var files = BundleChanges.Of(JsonNode.Parse(whole)!["bundle"]!).Select(change => (change.Where, File: File(change.Bundle))).ToList();
        Assert.Equal(whole, File(JsonNode.Parse(whole)!["bundle"]!));
        Assert.True(files.Count > 500, $"{files.Count}");

        var theirs = await Theirs(BundleLog.PolicyText, files.Select(f => f.File));
        Assert.All(files.Zip(theirs), pair =>
        {
            // Without its heads a bundle is not false, it lacks something.
            var expected = pair.First.Where.EndsWith("/heads: null", StringComparison.Ordinal) ? 2 : 1;
            Assert.True(Ours(pair.First.File) == expected, $"ours: {pair.First.Where}");
            Assert.True(pair.Second == expected, $"theirs: {pair.First.Where}");
        });
    }

    private static readonly Dictionary<string, Func<ProofBundle>> Kinds = new()
    {
        ["plain"] = () => BundleLog.Of(Small).Bundle(),
        ["linked"] = () =>
        {
            var (lead, follower) = Links.LinkTests.Linked();
            var log = new BundleLog().Take(lead).Take(follower).AddHeads();
            var other = follower.Transcript.Learner;
            return ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner), log.Heads(Learner), linked: [new(log.Entries(other), log.Heads(other), other)]);
        },
        ["erased"] = () =>
        {
            var log = BundleLog.Of(Small);
            var last = Small.Events.Count + 1;
            log.Add(Small.Events[0] with { EventId = Learner, Version = last, Recorded = Day(500) }, EventLeafKind.Erasure, "learner.erased").AddHeads();
            return ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, isShown: v => v == last), log.Heads(Learner));
        },
    };

    private static async Task<int[]> Theirs(string policy, IEnumerable<byte[]> files)
    {
        using var node = new NodeVerifier(policy);
        foreach (var file in files)
        {
            node.Ask(file);
        }

        return await node.AnswersAsync();
    }

    private static byte[] File(JsonNode bundle)
    {
        var bytes = CanonicalJson.Bytes(Encoding.UTF8.GetBytes(bundle.ToJsonString()));
        return [.. "{\"bundle\":"u8, .. bytes, .. Encoding.UTF8.GetBytes($",\"digest\":\"{ProofBundle.Digest(bytes)}\"}}")];
    }
}
