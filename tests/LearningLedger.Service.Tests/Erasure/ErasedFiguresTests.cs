using System.Text.Json.Nodes;
using LearningLedger.Service.Tests.Analytics;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Analytics.Cohorts;

namespace LearningLedger.Service.Tests.Erasure;

/// <summary>Figures in which somebody was counted who is erased since.</summary>
public sealed class ErasedFiguresTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task No_row_of_the_learner_is_left_and_others_keep_theirs()
    {
        var (tenant, client, ann, bob) = await GrownAsync();
        await ErasedAsync(client, ann);

        foreach (var table in (string[])["dim_learner", "fact_attempt", "fact_evidence", "fact_membership"])
        {
            Assert.Equal(0, await fixture.CountAsync($"analytics.{table} where learner = '{ann}'"));
            Assert.NotEqual(0, await fixture.CountAsync($"analytics.{table} where learner = '{bob}'"));
        }

        Assert.Equal(1, await fixture.CountAsync($"analytics.fact_erasure where tenant = '{tenant.Name}'"));
    }

    [Theory]
    [MemberData(nameof(Questions), MemberType = typeof(Analytics.Cohorts))]
    public async Task An_answer_as_of_before_says_that_it_lacks_somebody_and_others_do_not(string question)
    {
        var (_, client, ann, _) = await GrownAsync();
        var before = await fixture.HeadAsync();
        var autumn = await client.ReadAsync(AsOf("autumn", question.Replace("other", "winter", StringComparison.Ordinal), $"seq:{before}"));
        Assert.Null(JsonNode.Parse(await client.ReadAsync(AsOf("spring", question, $"seq:{before}")))!["erasedSince"]);

        var since = await ErasedAsync(client, ann);

        Assert.Equal(since, (string)JsonNode.Parse(await client.ReadAsync(AsOf("spring", question, $"seq:{before}")))!["erasedSince"]!);
        Assert.Equal(autumn, await client.ReadAsync(AsOf("autumn", question.Replace("other", "winter", StringComparison.Ordinal), $"seq:{before}")));
        Assert.Null((await client.AskAsync(fixture, "spring", question))["erasedSince"]);
    }

    [Fact]
    public async Task Who_had_left_by_then_is_not_missed()
    {
        var (_, client, ann, _) = await GrownAsync();
        await Tenant.PostAsync(client, Left("l", "ann", "spring"));
        var before = await fixture.HeadAsync();
        var funnel = await client.ReadAsync(AsOf("spring", "funnel", $"seq:{before}"));

        await ErasedAsync(client, ann);

        Assert.Equal(funnel, await client.ReadAsync(AsOf("spring", "funnel", $"seq:{before}")));
    }

    [Fact]
    public async Task A_saved_figure_says_so_instead_of_claiming_to_come_out_the_same()
    {
        var (_, client, ann, _) = await GrownAsync();
        var (spring, autumn) = (await SavedAsync(client, "spring"), await SavedAsync(client, "autumn"));

        var since = await ErasedAsync(client, ann);

        var derived = JsonNode.Parse(await client.ReadAsync($"/v1/reports/{spring}"))!;
        Assert.Equal((null, since), (derived["reproduced"], (string)derived["erasedSince"]!));
        Assert.Equal(1, (long)derived["answer"]!["milestones"]![0]!["members"]!);
        var other = JsonNode.Parse(await client.ReadAsync($"/v1/reports/{autumn}"))!;
        Assert.Equal((true, null), ((bool)other["reproduced"]!, other["erasedSince"]));
        var later = JsonNode.Parse(await client.ReadAsync($"/v1/reports/{await SavedAsync(client, "spring")}"))!;
        Assert.Equal((true, null), ((bool)later["reproduced"]!, later["erasedSince"]));
    }

    private static async Task<Guid> SavedAsync(HttpClient client, string cohort)
    {
        using var answer = await client.PostAsync("/v1/reports", LedgerFixture.Json($$"""{"question":"funnel","cohort":"{{cohort}}"}"""));
        await answer.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        return (Guid)(await answer.JsonAsync())["id"]!;
    }

    /// <summary>Erases, and waits until that is projected.</summary>
    private async Task<string> ErasedAsync(HttpClient client, Guid learner)
    {
        var erased = await client.EraseAsync(learner);
        await Expectations.EventuallyAsync(
            async () => await fixture.CountAsync($"analytics.fact_erasure where learner = '{learner}'") == 1, "the erasure to be projected");
        return (string)erased["erasedSince"]!;
    }

    /// <summary>Ann and Bob in spring, Bob alone in autumn.</summary>
    private async Task<(Tenant Tenant, HttpClient Client, Guid Ann, Guid Bob)> GrownAsync()
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Everything);
        foreach (var cohort in (string[])["spring", "autumn", "other", "winter"])
        {
            await client.OpenCohortAsync(cohort);
        }

        var posted = await Tenant.PostAsync(
            client, Joined("1", "ann", "spring"), Joined("2", "bob", "spring"), Joined("3", "bob", "autumn"), Tenant.Attempt("4", "ann", "alpha", 0.9),
            Tenant.Attempt("5", "bob", "alpha", 0.4), Tenant.Evidence("6", "ann", Guid.NewGuid()), Tenant.Evidence("7", "bob", Guid.NewGuid()));
        return (tenant, client, posted.Learner(0), posted.Learner(1));
    }
}
