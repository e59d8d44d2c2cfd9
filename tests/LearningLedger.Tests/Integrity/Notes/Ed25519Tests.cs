using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Notes;

public class Ed25519Tests
{
    [Fact]
    public void Judges_every_Wycheproof_signature_as_published()
    {
        var groups = Vectors.Json("ed25519", "wycheproof-ed25519_test.json").GetProperty("testGroups").EnumerateArray();
        var cases = groups.SelectMany(group => group.GetProperty("tests").EnumerateArray().Select(test => (Key: group.GetProperty("publicKey").Hex("pk"), Test: test))).ToList();

        Assert.Equal(151, cases.Count);
        Assert.All(cases, c => Assert.True(
            Ed25519.Verify(c.Key, c.Test.Hex("msg"), c.Test.Hex("sig")) == (c.Test.Text("result") == "valid"), $"case {c.Test.GetProperty("tcId")}"));
    }

    [Fact]
    public void Accepts_no_edge_case_with_a_key_or_point_of_small_order_or_another_spelling()
    {
        var cases = Vectors.Json("ed25519", "cctv-ed25519vectors.json").EnumerateArray().ToList();
        var accepted = cases.Where(c => Ed25519.Verify(c.Hex("key"), System.Text.Encoding.UTF8.GetBytes(c.Text("msg")), c.Hex("sig"))).ToList();

        Assert.Equal(914, cases.Count);
        Assert.Equal(43, accepted.Count);
        Assert.All(accepted, c => Assert.DoesNotContain(
            Flags(c), flag => flag is "low_order_A" or "low_order_R" or "non_canonical_A" or "non_canonical_R"));
        Assert.All(cases.Where(c => Flags(c).Intersect(["low_order_A", "non_canonical_A"]).Any()), c => Assert.False(Ed25519.IsUsable(c.Hex("key"))));
    }

    [Fact]
    public void Refuses_keys_and_signatures_of_another_length()
    {
        Assert.False(Ed25519.IsUsable(new byte[31]));
        Assert.False(Ed25519.IsUsable(new byte[33]));
        Assert.False(Ed25519.Verify(new byte[31], [], new byte[64]));
        Assert.False(Ed25519.Verify(Enumerable.Repeat((byte)9, 32).ToArray(), [], new byte[63]));
    }

    private static IEnumerable<string> Flags(System.Text.Json.JsonElement c) =>
        c.GetProperty("flags").ValueKind == System.Text.Json.JsonValueKind.Null ? [] : c.GetProperty("flags").EnumerateArray().Select(f => f.GetString()!);
}
