using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>What the questions beside funnel and skills answer, by histories small enough to count by hand.</summary>
public sealed class QuestionTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Time_to_a_milestone_runs_from_joining_to_the_award_and_who_leaves_is_censored()
    {
        var (tenant, client) = await OpenAsync();
        var learners = await JoinAsync(client, "ann", "bob", "cem", "dot", "eve");
        await Tenant.PostAsync(client, Cohorts.Left("l1", "cem", "spring", "2026-01-21T00:00:00Z"), Cohorts.Left("l2", "dot", "spring", "2026-01-06T00:00:00Z"));
        await AwardAsync(tenant, learners[0], "2026-01-11T00:00:00Z");
        await AwardAsync(tenant, learners[1], "2026-01-31T12:00:00Z");
        await AwardAsync(tenant, learners[3], "2026-01-16T00:00:00Z");
        await AwardAsync(tenant, learners[4], "2025-12-31T00:00:00Z");

        var answer = await client.AskAsync(fixture, "spring", "time-to-milestone?milestone=base");

        // dot had left before the award, eve had it before she joined: 5+, 10, 20+, 30.5.
        Assert.Equal((4, 2, 2, 1), ((int)answer["learners"]!, (int)answer["awarded"]!, (int)answer["censored"]!, (int)answer["awardedBefore"]!));
        Assert.Equal(
            ["5 4 0 1 1", "10 3 1 0 0.666666666667", "20 2 0 1 0.666666666667", "30.5 1 1 0 0"],
            answer["curve"]!.AsArray().Select(p => $"{p!["days"]} {p["atRisk"]} {p["awarded"]} {p["censored"]} {p["survival"]}"));
        Assert.Equal(30.5, (double)answer["medianDays"]!);
    }

    [Fact]
    public async Task Eligible_is_who_meets_the_rule_as_the_ledger_judges_it()
    {
        var room = await Classroom.OpenAsync(fixture, Classroom.Change(LedgerFixture.SmallFramework, "small", _ => { }).Replace("\"automatic\"", "\"assessor\"", StringComparison.Ordinal));
        using var client = await room.Tenant.ClientAsync([.. Scopes.All]);
        await client.OpenCohortAsync("spring");
        string[] people = ["ann", "bob", "cem", "dot"];
        await Tenant.PostAsync(client, [.. people.Select(p => Cohorts.Joined($"j-{p}", p, "spring"))]);
        var learners = new List<Guid>();
        foreach (var person in people)
        {
            var (learner, _) = await room.AttemptAsync(person, "alpha", 0.9);
            learners.Add(learner);
            await room.AttemptAsync(person, "beta", person == "bob" ? 0.6 : 0.7);
        }

        // ann has it all; bob a low score; cem's evidence is rejected by a second assessor; dot's is not judged.
        await room.AcceptedEvidenceAsync("ann", learners[0], "alpha", room.Assessor);
        await room.AcceptedEvidenceAsync("bob", learners[1], "alpha", room.Assessor);
        var evidence = await room.AcceptedEvidenceAsync("cem", learners[2], "beta", room.Assessor);
        using var rejected = await Classroom.ReviewAsync(room.Board, learners[2], evidence, "rejected");
        await Tenant.PostAsync(client, Tenant.Evidence("dots", "dot", Guid.NewGuid()));

        var funnel = await client.AskAsync(fixture, "spring", "funnel");

        var judged = new List<bool>();
        foreach (var learner in learners)
        {
            judged.Add((bool)JsonNode.Parse(await client.ReadAsync($"/v1/learners/{learner}/milestones/base"))!["eligible"]!);
        }

        Assert.Equal([true, false, false, false], judged);
        Assert.Equal((4, 1), ((int)funnel["milestones"]![0]!["inProgress"]!, (int)funnel["milestones"]![0]!["eligible"]!));
        Assert.Equal(0, (int)funnel["milestones"]![1]!["eligible"]!);

        var assessors = await client.AskAsync(fixture, "spring", "assessors");
        Assert.Equal(["person:assessor 3 1", "person:board 1 0"], assessors["assessors"]!.AsArray().Select(a => $"{a!["assessor"]} {a["reviews"]} {a["acceptanceRate"]}"));
        Assert.Equal("person:assessor person:board 1", assessors["agreement"]!.AsArray().Select(a => $"{a!["assessor"]} {a["other"]} {a["items"]}").Single());
    }

    [Fact]
    public async Task Trends_count_what_happened_to_members_while_they_belonged()
    {
        var (_, client) = await OpenAsync();
        await JoinAsync(client, "ann", "bob");
        await Tenant.PostAsync(
            client, Tenant.Attempt("1", "ann", "alpha", 0.1, "2026-01-06T00:00:00Z"), Tenant.Attempt("2", "ann", "beta", 0.1, "2026-01-11T23:00:00Z"),
            Tenant.Attempt("3", "bob", "alpha", 0.1, "2026-01-12T00:00:00Z"), Tenant.Attempt("4", "ann", "alpha", 0.1, "2025-12-30T00:00:00Z"),
            Cohorts.Left("l", "bob", "spring", "2026-01-20T00:00:00Z"), Tenant.Attempt("5", "bob", "alpha", 0.1, "2026-01-21T00:00:00Z"));

        var weeks = (await client.AskAsync(fixture, "spring", "trends"))["weeks"]!.AsArray();

        Assert.Equal(
            ["2025-12-29 0 0 2 0", "2026-01-05 2 1 0 0", "2026-01-12 1 1 0 0", "2026-01-19 0 0 0 1"],
            weeks.Select(w => $"{w!["week"]} {w["attempts"]} {w["learners"]} {w["joined"]} {w["ended"]}"));
    }

    [Fact]
    public async Task Stuck_names_the_skill_that_blocks_and_expiring_what_ends()
    {
        var (tenant, client) = await OpenAsync();
        var learners = await JoinAsync(client, "ann", "bob");
        await Tenant.PostAsync(
            client, Tenant.Attempt("1", "ann", "alpha", 0.8, "2026-01-06T00:00:00Z"), Tenant.Attempt("2", "ann", "beta", 0.3, "2026-01-07T00:00:00Z"),
            Tenant.Attempt("3", "ann", "beta", 0.5, "2026-01-08T00:00:00Z"));
        await tenant.AppendAsync(
            learners[1], new DateTimeOffset(2026, 1, 9, 0, 0, 0, TimeSpan.Zero),
            Appending.Award(Guid.NewGuid()) with { ExpiresAt = DateTimeOffset.UtcNow.AddDays(20) }, Appending.Award(Guid.NewGuid(), "peak") with { EffectiveAt = DateTimeOffset.UtcNow.AddDays(-1) });

        var stuck = await client.AskAsync(fixture, "spring", "stuck?days=14");
        var expiring = await client.AskAsync(fixture, "spring", "expiring?days=30");

        Assert.Equal((2, 1), ((int)stuck["members"]!, (int)stuck["stuck"]!));
        Assert.Equal("""{"level":0,"milestone":"base","skill":"beta","learners":1}""", stuck["blocked"]!.AsArray().Single()!.ToJsonString());
        var ann = stuck["learners"]!.AsArray().Single()!;
        Assert.Equal((learners[0], "2026-01-06T00:00:00.000000Z", 2, 0.5m), ((Guid)ann["learner"]!, (string)ann["lastProgress"]!, (int)ann["attempts"]!, (decimal)ann["best"]!));
        Assert.Equal("""[{"level":0,"milestone":"base","awards":1}]""", expiring["milestones"]!.ToJsonString());
        Assert.Equal(learners[1], (Guid)expiring["awards"]!.AsArray().Single()!["learner"]!);
        Assert.Empty((await client.AskAsync(fixture, "spring", "expiring?days=10"))["milestones"]!.AsArray());
    }

    [Fact]
    public async Task Cohorts_are_compared_by_shares_and_by_first_scores_and_laid_side_by_side()
    {
        var (tenant, client) = await OpenAsync();
        await client.OpenCohortAsync("autumn");
        var first = await JoinAsync(client, "ann", "bob");
        await Tenant.PostAsync(client, Cohorts.Joined("x", "cem", "autumn"), Cohorts.Joined("y", "dot", "autumn"));
        await Tenant.PostAsync(
            client, Tenant.Attempt("1", "ann", "alpha", 0.75), Tenant.Attempt("2", "bob", "alpha", 0.25), Tenant.Attempt("3", "cem", "alpha", 0.5), Tenant.Attempt("4", "dot", "alpha", 0.25));
        await AwardAsync(tenant, first[0], "2026-01-11T00:00:00Z");

        var answer = await client.AskAsync(fixture, "spring", "compare?with=autumn");

        var milestone = answer["milestones"]![0]!;
        Assert.Equal((1, 0, 0.5), ((int)milestone["first"]!["awarded"]!, (int)milestone["second"]!["awarded"]!, (double)milestone["difference"]!));
        var alpha = answer["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!;
        Assert.Equal((0.5, 0.375), ((double)alpha["first"]!["mean"]!, (double)alpha["second"]!["mean"]!));

        // d = 0.125 / sqrt((0.125 + 0.03125) / 2), J = 1 - 3 / 7.
        Assert.Equal(0.125 / Math.Sqrt(0.078125) * (1 - (3.0 / 7)), (double)alpha["hedgesG"]!, 1e-9);
        var mastery = await client.AskAsync(fixture, "spring", "mastery?with=autumn");
        Assert.Equal(["spring alpha 2 1", "autumn alpha 2 0"], mastery["cohorts"]!.AsArray().Select(c => $"{c!["cohort"]} {c["skills"]![0]!["skill"]} {c["skills"]![0]!["tried"]} {c["skills"]![0]!["passed"]}"));
        var people = await client.AskAsync(fixture, "spring", "mastery?by=learners");
        Assert.Equal(2, people["learners"]!.AsArray().Count);
    }

    private async Task<(Tenant Tenant, HttpClient Client)> OpenAsync()
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        return (tenant, client);
    }

    private static async Task<Guid[]> JoinAsync(HttpClient client, params string[] people) =>
        [.. (await Tenant.PostAsync(client, [.. people.Select(p => Cohorts.Joined($"j-{p}", p, "spring"))]))["receipts"]!.AsArray().Select(r => (Guid)r!["learner"]!)];

    private static Task AwardAsync(Tenant tenant, Guid learner, string at) =>
        tenant.AppendAsync(learner, DateTimeOffset.UtcNow, Appending.Award(Guid.NewGuid()) with { EffectiveAt = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture) });
}
