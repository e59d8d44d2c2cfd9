using System.Text.Json.Nodes;
using LearningLedger.Service.Tests.Erasure;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>Learners who are linked count as one person, the one who leads, for as long as the ledger says so.</summary>
public sealed class LinkedPeopleTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset Day = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Two_members_who_are_one_person_count_once_with_what_lies_under_both_until_they_are_split()
    {
        var (tenant, client, ann, work) = await TwinsAsync("spring", "spring");
        await tenant.AppendAsync(work, Day, Appending.Award(Guid.NewGuid()));
        var before = await SeenAsync(client);
        var point = (long)before["sequence"]!;

        await client.LinkAsync(ann, work);
        var linked = await SeenAsync(client);
        await client.UnlinkAsync(ann, work);
        var split = await SeenAsync(client);

        // A skill that either tried first counts as the first try of the person: alpha was tried at work before.
        Assert.Equal(("3 3 1", "2 2 1"), (Step(before), Step(linked)));
        Assert.Equal(("3 3 0.416666666667", "3 2 0.5"), (await AlphaAsync(client, point), await AlphaAsync(client, (long)linked["sequence"]!)));
        Assert.Equal(Step(before), Step(split));
        foreach (var answer in (JsonNode[])[before, linked])
        {
            Assert.Equal(answer.ToJsonString(), JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/spring/analytics/funnel?asOf=seq:{(long)answer["sequence"]!}"))!.ToJsonString());
        }

        var weeks = JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/spring/analytics/trends?asOf=seq:{(long)linked["sequence"]!}"))!["weeks"]!.AsArray();
        Assert.Equal((2, 4, 2), (weeks.Sum(w => (int)w!["joined"]!), weeks.Sum(w => (int)w!["attempts"]!), weeks.Max(w => (int)w!["learners"]!)));
        var time = JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/spring/analytics/time-to-milestone?milestone=base&asOf=seq:{(long)linked["sequence"]!}"))!;
        Assert.Equal((2, 1), ((int)time["learners"]!, (int)time["awarded"]!));
    }

    [Fact]
    public async Task A_person_who_belongs_to_two_cohorts_as_two_learners_belongs_to_both_as_the_one_who_leads()
    {
        var (_, client, ann, work) = await TwinsAsync("spring", "autumn");
        await client.LinkAsync(ann, work);

        var (spring, autumn) = (await client.AskAsync(fixture, "spring", "mastery?by=learners"), await client.AskAsync(fixture, "autumn", "mastery?by=learners"));

        Assert.Equal("alpha 2 0.5,beta 1 0.9", SkillsOf(spring, ann));
        Assert.Equal("alpha 2 0.5,beta 1 0.9", SkillsOf(autumn, ann));
        Assert.Equal((2, 1), (spring["learners"]!.AsArray().Count, autumn["learners"]!.AsArray().Count));

        // What their identifiers do from here on is done by the one who leads, and so ends what the other began.
        await Tenant.PostAsync(client, Cohorts.Left("l", "ann-at-work", "autumn", "2026-03-01T00:00:00Z"));
        Assert.Empty((await client.AskAsync(fixture, "autumn", "mastery?by=learners"))["learners"]!.AsArray());
        Assert.Equal(2, (await client.AskAsync(fixture, "spring", "mastery?by=learners"))["learners"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_kept_answer_ends_with_what_the_one_who_leads_does_though_they_never_joined()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        var receipts = (await Tenant.PostAsync(client, Cohorts.Joined("j", "ann-at-work", "spring"), Tenant.Attempt("1", "ann", "alpha", 0.25)))["receipts"]!;
        await client.LinkAsync((Guid)receipts[1]!["learner"]!, (Guid)receipts[0]!["learner"]!);
        await client.AskAsync(fixture, "spring", "skills");
        Assert.Equal(1, await NowAsync());

        await Tenant.PostAsync(client, Tenant.Attempt("2", "ann", "alpha", 0.5));

        await Expectations.EventuallyAsync(async () => await NowAsync() == 2, "the second attempt is counted");
        async Task<int> NowAsync() =>
            (int)JsonNode.Parse(await client.ReadAsync("/v1/cohorts/spring/analytics/skills"))!["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!["attempts"]!;
    }

    [Fact]
    public async Task Small_counts_stay_hidden_when_links_make_them_smaller()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        string[] people = ["a", "b", "c", "d", "e"];
        var learners = (await Tenant.PostAsync(
            client, [.. people.Select(p => Cohorts.Joined($"j-{p}", p, "spring")), .. people.Select(p => Tenant.Attempt($"t-{p}", p, "alpha", 0.5))]))["receipts"]!.AsArray()
            .Select(r => (Guid)r!["learner"]!).ToArray();
        await client.ShowCountsOfAsync(5);
        var shown = await client.AskAsync(fixture, "spring", "mastery");
        await client.LinkAsync(learners[0], learners[1]);
        var hidden = await client.AskAsync(fixture, "spring", "mastery");

        Assert.Equal(5, (int)shown["cohorts"]![0]!["members"]!);
        Assert.Null(hidden["cohorts"]![0]!["members"]);
        Assert.Null(hidden["cohorts"]![0]!["skills"]![0]!["tried"]);
    }

    [Fact]
    public async Task After_one_of_them_is_erased_the_other_stands_alone_at_every_point_and_the_answer_says_so()
    {
        var (_, client, ann, work) = await TwinsAsync("spring", "autumn");
        await client.LinkAsync(ann, work);
        var linked = await client.AskAsync(fixture, "autumn", "mastery?by=learners");
        var point = (long)linked["sequence"]!;
        await client.UnlinkAsync(ann, work);

        await client.EraseAsync(ann);
        await client.AskAsync(fixture, "autumn", "mastery?by=learners");
        var then = JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/autumn/analytics/mastery?by=learners&asOf=seq:{point}"))!;

        Assert.Equal("alpha 1 0.5", SkillsOf(then, work));
        Assert.NotNull(then["erasedSince"]);
        Assert.Null(linked["erasedSince"]);
    }

    /// <summary>A person as two learners in cohorts, and bob in the first of these.</summary>
    private async Task<(Tenant Tenant, HttpClient Client, Guid Ann, Guid Work)> TwinsAsync(string first, string second)
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Cohorts.Everything);
        foreach (var cohort in new[] { first, second }.Distinct())
        {
            await client.OpenCohortAsync(cohort);
        }

        var receipts = (await Tenant.PostAsync(
            client, Cohorts.Joined("j1", "ann", first), Cohorts.Joined("j2", "ann-at-work", second), Cohorts.Joined("j3", "bob", first),
            Tenant.Attempt("1", "ann", "alpha", 0.25, "2026-01-07T00:00:00Z"), Tenant.Attempt("2", "ann-at-work", "alpha", 0.5, "2026-01-06T00:00:00Z"),
            Tenant.Attempt("3", "ann", "beta", 0.9, "2026-01-07T00:00:00Z"), Tenant.Attempt("4", "bob", "alpha", 0.5, "2026-01-06T00:00:00Z")))["receipts"]!;
        return (tenant, client, (Guid)receipts[0]!["learner"]!, (Guid)receipts[1]!["learner"]!);
    }

    private Task<JsonNode> SeenAsync(HttpClient client) => client.AskAsync(fixture, "spring", "funnel");

    private static string Step(JsonNode funnel) => $"{funnel["milestones"]![0]!["members"]} {funnel["milestones"]![0]!["entered"]} {funnel["milestones"]![0]!["awarded"]}";

    private static async Task<string> AlphaAsync(HttpClient client, long point)
    {
        var answer = JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/spring/analytics/compare?with=spring&asOf=seq:{point}"))!;
        var tried = JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/spring/analytics/skills?asOf=seq:{point}"))!["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!;
        Assert.Equal((int)tried["learners"]!, (int)answer["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!["first"]!["learners"]!);
        return $"{tried["attempts"]} {tried["learners"]} {answer["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!["first"]!["mean"]}";
    }

    private static string SkillsOf(JsonNode mastery, Guid learner) => string.Join(',', mastery["learners"]!.AsArray()
        .Single(l => (Guid)l!["learner"]! == learner)!["skills"]!.AsArray().Select(s => $"{s!["skill"]} {s["attempts"]} {s["best"]}"));
}
