using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

public sealed class SkillsTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Rates_unvoided_attempts_of_members_by_the_lowest_milestones_passing_score_hardest_first()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        var receipts = (await Tenant.PostAsync(client,
            Cohorts.Joined("j1", "ann", "spring"), Cohorts.Joined("j2", "bob", "spring"), Cohorts.Joined("j3", "cem", "spring"),
            // beta passes at 0.7, the score of base, though peak asks for 0.8. Ann's first try by time arrives last and passes.
            Tenant.Attempt("1", "ann", "beta", 0.3, "2026-01-05T10:00:00Z"), Tenant.Attempt("2", "ann", "beta", 0.75, "2026-01-04T10:00:00Z"),
            Tenant.Attempt("3", "bob", "beta", 0.69, "2026-01-05T10:00:00Z"),
            // Voided, of a stranger, and of a skill outside the framework's reach.
            Tenant.Attempt("4", "bob", "beta", 1, "2026-01-03T10:00:00Z"), Tenant.Attempt("5", "dot", "beta", 1),
            Tenant.Attempt("6", "cem", "alpha", 0.9)))["receipts"]!.AsArray();
        await tenant.AppendAsync(
            (Guid)receipts[1]!["learner"]!, DateTimeOffset.UtcNow, new AttemptVoided((Guid)receipts.Single(r => (string)r!["id"]! == "4")!["eventId"]!, "mistake"));

        var skills = (await client.AskAsync(fixture, "spring", "skills"))["skills"]!.AsArray();

        Assert.Equal(
            [
                """{"skill":"beta","attempts":3,"learners":2,"passRate":0.333333333333,"firstTryRate":0.5,"meanScore":0.58""",
                """{"skill":"alpha","attempts":1,"learners":1,"passRate":1,"firstTryRate":1,"meanScore":0.9""",
                """{"skill":"gamma","attempts":0,"learners":0}""",
            ],
            skills.Select(s => s!.ToJsonString().Split(",\"passRateInterval")[0]));

        // Wilson of 1 in 3, by R's prop.test(1, 3, correct = FALSE). Half have passed beta after one attempt, ann's first.
        Assert.Equal(0.061491944720396, (double)skills[0]!["passRateInterval"]!["lower"]!, 1e-9);
        Assert.Equal(0.792340399197952, (double)skills[0]!["passRateInterval"]!["upper"]!, 1e-9);
        Assert.Equal(1, (double)skills[0]!["medianTriesToPass"]!);
    }

    [Fact]
    public async Task A_cohort_that_pins_a_version_is_rated_by_it_and_any_other_by_the_latest()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("pinned", version: 1);
        await client.OpenCohortAsync("moving");
        using var published = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(LedgerFixture.SmallFramework.Replace("0.7,", "0.1,", StringComparison.Ordinal)));
        await published.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        await Tenant.PostAsync(client, Cohorts.Joined("1", "ann", "pinned"), Cohorts.Joined("2", "ann", "moving"), Tenant.Attempt("3", "ann", "alpha", 0.5));

        Assert.Equal(0m, (decimal)Alpha(await client.AskAsync(fixture, "pinned", "skills"))["passRate"]!);
        Assert.Equal(1m, (decimal)Alpha(await client.AskAsync(fixture, "moving", "skills"))["passRate"]!);

        static JsonNode Alpha(JsonNode answer) => answer["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!;
    }
}
