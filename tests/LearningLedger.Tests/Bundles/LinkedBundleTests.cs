using LearningLedger.Bundles;
using LearningLedger.Events;
using LearningLedger.Tests.Links;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Bundles;

/// <summary>Bundles of a person who was known as two learners, asked of both verifiers.</summary>
public class LinkedBundleTests
{
    [Fact]
    public async Task Both_verifiers_prove_both_streams_and_miss_either_part()
    {
        var (lead, follower) = LinkTests.Linked();
        LinkTests.Grant(lead, follower);
        var other = follower.Transcript.Learner;
        var log = new BundleLog().Take(lead).Take(follower).AddHeads();
        var linked = new BundleStream(log.Entries(other), log.Heads(other), other);
        var whole = ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner), log.Heads(Learner), linked: [linked]);
        var alone = ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner), log.Heads(Learner));
        var before = lead.Events[1].Recorded;
        (ProofBundle Bundle, int Expected)[] cases =
        [
            (whole, 0),
            (alone, 1),
            (ProofBundle.Make(other, log.Checkpoint(), log.Entries(other), log.Heads(other)), 0),
            (whole with { Format = ProofBundle.FormatName }, 1),
            (whole with { Linked = [linked, linked] }, 1),
            (whole with { Linked = [linked with { Heads = null }] }, 2),
            (whole with { Linked = [linked with { Entries = [.. linked.Entries.SkipLast(1)] }] }, 1),
            (ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner), log.Heads(Learner), linked: [linked with { Entries = log.Entries(other, isShown: v => v != 2) }]), 2),
            (ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, 3, v => v < 3), log.Heads(Learner), new(before, null)), 0),
            (ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner), log.Heads(Learner), new(Day(400).AddMinutes(4), null), linked: [linked]), 0),
            (ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner), log.Heads(Learner), new(null, 4), linked: [linked]), 1),
        ];

        Assert.Contains(whole.Lines, l => l.Kind == BundleLineKind.Skill && l.Line.GetProperty("skill").GetString() == "git");
        Assert.Equal(cases.Select(c => c.Expected), cases.Select(c => BundleVerifier.Verify(File(c.Bundle), BundleLog.Policy).ExitCode));
        using var node = new NodeVerifier(BundleLog.PolicyText);
        foreach (var (bundle, _) in cases)
        {
            node.Ask(File(bundle));
        }

        Assert.Equal(cases.Select(c => c.Expected), await node.AnswersAsync());
    }

    [Fact]
    public async Task Both_verifiers_fold_the_end_of_a_link_alike()
    {
        var (lead, follower) = LinkTests.Linked();
        LinkTests.Grant(lead, follower);
        lead.Append(new LearnerUnlinked(follower.Transcript.Learner, true, "joined-by-mistake"), Day(9), Board);
        var bundle = BundleLog.Of(lead).Bundle();

        Assert.True(bundle.Lines[0].Line.GetProperty("flagged").GetBoolean());
        Assert.Equal(0, BundleVerifier.Verify(File(bundle), BundleLog.Policy).ExitCode);
        using var node = new NodeVerifier(BundleLog.PolicyText);
        node.Ask(File(bundle));
        Assert.Equal(0, Assert.Single(await node.AnswersAsync()));
    }

    private static byte[] File(ProofBundle bundle) => bundle.Utf8();
}
