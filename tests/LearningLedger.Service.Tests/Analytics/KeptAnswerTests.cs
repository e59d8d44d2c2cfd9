using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Service.Analytics;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>An answer is kept while it is true, and is then the very bytes that working it out anew would give.</summary>
public sealed class KeptAnswerTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(Cohorts.Questions), MemberType = typeof(Cohorts))]
    public async Task A_kept_answer_is_what_working_it_out_anew_gives(string question)
    {
        var client = await OpenAsync();
        await client.OpenCohortAsync("other");
        var path = $"/v1/cohorts/spring/analytics/{question}";

        await client.GetByteArrayAsync(path);
        var kept = await client.GetByteArrayAsync(path);

        // A report is worked out always.
        var parameters = question.Contains('?', StringComparison.Ordinal) ? question.Split('?')[1].Split('=') : null;
        var asked = new SaveReport(
            question.Split('?')[0], "spring", parameters is null ? null : new Dictionary<string, string> { [parameters[0]] = parameters[1] }, $"seq:{JsonNode.Parse(kept)!["sequence"]}");
        using var report = await client.PostAsync("/v1/reports", LedgerFixture.Json(JsonSerializer.Serialize(asked, LedgerJson.Options)));
        await report.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        Assert.Equal((string)(await report.JsonAsync())["digest"]!, Convert.ToHexStringLower(SHA256.HashData(kept)));
    }

    [Fact]
    public async Task What_happens_elsewhere_leaves_an_answer_and_what_happens_in_the_cohort_ends_it()
    {
        var client = await OpenAsync();
        var first = await SkillsAsync(client);

        await Tenant.PostAsync(client, Tenant.Attempt("e1", "stranger", "alpha", 0.9));
        var elsewhere = await SkillsAsync(client);
        await Tenant.PostAsync(client, Tenant.Attempt("a2", "ann", "alpha", 0.2));
        var attempted = await SkillsAsync(client);
        await Tenant.PostAsync(client, Cohorts.Joined("j2", "stranger", "spring"));
        var joined = await SkillsAsync(client);
        await client.ShowCountsOfAsync(5);
        var hidden = JsonNode.Parse(await client.ReadAsync("/v1/cohorts/spring/analytics/skills"))!;

        Assert.Equal(first, elsewhere);
        Assert.Equal((1, 2, 3), (first.Attempts, attempted.Attempts, joined.Attempts));
        Assert.True(first.Sequence < attempted.Sequence && attempted.Sequence < joined.Sequence);
        Assert.Null(hidden["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!["attempts"]);
    }

    [Fact]
    public async Task A_new_version_of_the_framework_ends_an_answer()
    {
        var client = await OpenAsync();
        Assert.Equal(1, (int)JsonNode.Parse(await client.ReadAsync("/v1/cohorts/spring/analytics/funnel"))!["frameworkVersion"]!);

        using var published = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(LedgerFixture.SmallFramework.Replace("\"Base\"", "\"First base\"", StringComparison.Ordinal)));
        await published.ShouldBeAsync(System.Net.HttpStatusCode.Created);

        Assert.Equal(2, (int)JsonNode.Parse(await client.ReadAsync("/v1/cohorts/spring/analytics/funnel"))!["frameworkVersion"]!);
    }

    [Fact]
    public void An_answer_as_of_a_point_is_true_until_a_learner_is_erased()
    {
        using var answers = new KeptAnswers();
        var asked = Asked(point: 40, head: 50);
        answers.Keep(asked, "funnel", Moves(moved: 45), At(40, Noon), [1]);

        Assert.NotNull(answers.Find(asked, "funnel", Moves(moved: 60)));
        Assert.Null(answers.Find(asked, "funnel", Moves(moved: 60) with { Erased = 1 }));
        Assert.Null(answers.Find(asked with { Point = 41 }, "funnel", Moves(moved: 60)));
        Assert.Null(answers.Find(asked with { Tenant = "u" }, "funnel", Moves(moved: 60)));
        Assert.Null(answers.Find(asked, "skills", Moves(moved: 60)));
        Assert.Null(answers.Find(asked, "funnel", Moves(moved: 60) with { MinimumCell = 5 }));
    }

    [Fact]
    public void What_may_have_been_an_erasure_that_is_not_projected_yet_is_not_kept()
    {
        using var answers = new KeptAnswers();
        var asked = Asked(point: 40, head: 50);

        answers.Keep(asked, "funnel", Moves(moved: 50) with { Projected = 49 }, At(40, Noon), [1]);

        Assert.Null(answers.Find(asked, "funnel", Moves(moved: 50)));
    }

    [Fact]
    public void An_answer_that_changes_as_time_goes_by_is_true_for_a_minute_or_while_the_ledger_stands_still()
    {
        using var answers = new KeptAnswers();
        var asked = Asked(point: null, head: 50);
        answers.Keep(asked, "stuck", Moves(moved: 45), At(50, Noon), [1]);
        answers.Keep(asked, "funnel", Moves(moved: 45), At(50, Noon), [1]);
        LedgerHead Head(long sequence, int seconds) => new(sequence, Noon.AddSeconds(seconds));

        Assert.NotNull(answers.Find(asked with { Head = Head(60, 59) }, "stuck", Moves(moved: 45)));
        Assert.NotNull(answers.Find(asked with { Head = Head(50, 3_600) }, "stuck", Moves(moved: 45)));
        Assert.Null(answers.Find(asked with { Head = Head(60, 61) }, "stuck", Moves(moved: 45)));
        Assert.NotNull(answers.Find(asked with { Head = Head(60, 61) }, "funnel", Moves(moved: 45)));
        Assert.Null(answers.Find(asked with { Head = Head(60, 1) }, "funnel", Moves(moved: 51)));
    }

    private static AskedQuestion Asked(long? point, long head) => new("t", "spring", Parameters.None, point, new LedgerHead(head, Noon));

    private static CohortMoves Moves(long moved) => new(moved, Erased: 0, Projected: 100, MinimumCell: 1);

    private static CohortAt At(long sequence, DateTimeOffset time) => new("t", "spring", "small", 1, sequence, time, MinimumCell: 1);

    private async Task<HttpClient> OpenAsync()
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        await Tenant.PostAsync(client, Cohorts.Joined("j1", "ann", "spring"), Tenant.Attempt("a1", "ann", "alpha", 0.9));
        return client;
    }

    private static async Task<(long Sequence, int Attempts)> SkillsAsync(HttpClient client)
    {
        var answer = JsonNode.Parse(await client.ReadAsync("/v1/cohorts/spring/analytics/skills"))!;
        return ((long)answer["sequence"]!, (int)answer["skills"]!.AsArray().Single(s => (string)s!["skill"]! == "alpha")!["attempts"]!);
    }
}
