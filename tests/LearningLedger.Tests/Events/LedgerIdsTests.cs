using CsCheck;
using LearningLedger.Events;

namespace LearningLedger.Tests.Events;

/// <summary>Ids are quoted outside the ledger, so they may never come out otherwise.</summary>
public class LedgerIdsTests
{
    private static readonly Guid Learner = new("0197c8a0-1111-7000-8000-000000000001");

    // Made with Python, independently of this code:
    //   ns = uuid.UUID("7a1d3c52-9f6e-4b0a-8c47-5e2f90b6d1a3")
    //   uuid.uuid5(ns, json.dumps(["event", "acme", ...], separators=(",", ":"), ensure_ascii=False))
    public static TheoryData<string, Guid> Known => new()
    {
        { "72a8705f-6e68-5fff-b3ec-bf0397995611", LedgerIds.Event("acme", "https://lms.example/", "attempt-1") },
        { "67453d76-d3f4-5292-83b1-3d0a8f33a511", LedgerIds.Event("acme", "https://lms.example/ä\"\\", "\n€😀") },
        { "15618c92-f403-5d64-ae45-e075f852deaf", LedgerIds.Decision("acme", Learner, 42) },
        { "d6fa7c7c-880b-5a18-9278-f109190f9d5c", LedgerIds.Framework("acme", "ai-systems-engineer") },
        { "3766bf0d-4bf0-587c-a3ba-b62d989d990e", LedgerIds.Cohort("acme", "autumn-2025") },
        { "a1ee0554-afbb-5f83-8bd3-98a0de4f467e", LedgerIds.Award("acme", Learner, "ai-systems-engineer", "fine-tuning-for-control", 1) },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Derives_the_ids_that_another_UUIDv5_implementation_derives(string expected, Guid actual) => Assert.Equal(new Guid(expected), actual);

    [Fact]
    public void Gives_different_names_different_ids() =>
        Gen.Select(Name, Name).Sample((a, b) => Assert.Equal(a.SequenceEqual(b), LedgerIds.Derive([.. a]) == LedgerIds.Derive([.. b])));

    [Theory]
    [InlineData("a", "b", "a\",\"b")]
    [InlineData("a", "", "a\",\"")]
    [InlineData("\\", "", "\\\",\"")]
    public void Cannot_be_led_to_one_id_by_moving_the_border_between_parts(string first, string second, string joined) =>
        Assert.NotEqual(LedgerIds.Derive(first, second), LedgerIds.Derive(joined));

    [Fact]
    public void Tells_kinds_apart_that_have_the_same_parts() =>
        Assert.NotEqual(LedgerIds.Framework("acme", "autumn-2025"), LedgerIds.Cohort("acme", "autumn-2025"));

    [Fact]
    public void Tells_a_number_from_its_digits() => Assert.NotEqual(LedgerIds.Derive("n", 1), LedgerIds.Derive("n", "1"));

    // Few characters, and those that JSON escapes among them, so that near misses are common.
    private static readonly Gen<string[]> Name = Gen.OneOf("", "a", "b", "\"", ",", "\\", "\",\"", "[", "é", "\n").Array[1, 4];
}
