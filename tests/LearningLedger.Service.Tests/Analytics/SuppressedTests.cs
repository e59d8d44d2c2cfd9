using System.Net;
using LearningLedger.Service.Analytics;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Analytics;

public sealed class SuppressedTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset Day = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Few_people_are_not_shown_nor_what_would_tell_of_them_and_readers_see_the_same()
    {
        var (tenant, client) = await GrownAsync();

        var funnel = await client.AskAsync(fixture, "spring", "funnel");

        // 14 members, 12 entered base; awarded 2, in progress 10. Two awarded are too few, and so are the two who never entered.
        Assert.Equal(5, (int)funnel["minimumCell"]!);
        var step = funnel["milestones"]![0]!;
        Assert.Equal(14, (int)step["members"]!);
        Assert.Null(step["awarded"]);
        Assert.Null(step["inProgress"]);
        Assert.Null(step["entered"]);
        Assert.Equal(0, (int)step["revoked"]!);

        await fixture.Ledger.App.Services.GetRequiredService<Releases>().ReleaseAsync(CancellationToken.None);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        using var made = await admin.PostAsync("/v1/analysts", LedgerFixture.Json("""{"kind":"reader"}"""));
        var login = await made.JsonAsync();
        await using var reader = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(fixture.ConnectionString)
        {
            Username = (string)login["role"]!,
            Password = (string)login["password"]!,
        });
        await using var seen = reader.CreateCommand(
            """
            select (select string_agg(concat_ws(' ', tenant, milestone, members, coalesce(awarded::text, '-'), coalesce(in_progress::text, '-')), '/' order by level) from analytics.suppressed_funnel)
              || ' ' || (select string_agg(concat_ws(' ', skill, attempts, learners, pass_rate), '/' order by attempts desc) from analytics.suppressed_skills where attempts > 0)
            """);
        Assert.Equal($"{tenant.Name} base 14 - -/{tenant.Name} peak 14 0 0 alpha 12 12 0.166666666667", await seen.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_cohort_is_released_again_when_something_has_happened_in_it_or_its_minimum_has_changed()
    {
        var (tenant, client) = await GrownAsync();
        await client.OpenCohortAsync("autumn");
        await Tenant.PostAsync(client, Cohorts.Joined("other", "somebody", "autumn"));
        var first = await ReleasedAsync();

        await Tenant.PostAsync(client, Tenant.Attempt("later", "p3", "alpha", 0.9));
        var second = await ReleasedAsync();
        Assert.True(second["spring"] > first["spring"]);
        Assert.Equal(first["autumn"], second["autumn"]);

        await client.ShowCountsOfAsync(6);
        await Tenant.PostAsync(client, Tenant.Attempt("last", "nobody of theirs", "alpha", 0.9));
        var third = await ReleasedAsync();
        Assert.True(third["spring"] > second["spring"]);
        Assert.True(third["autumn"] > second["autumn"]);

        async Task<Dictionary<string, long>> ReleasedAsync()
        {
            await client.AskAsync(fixture, "spring", "funnel");
            await client.AskAsync(fixture, "autumn", "funnel");
            await fixture.Ledger.App.Services.GetRequiredService<Releases>().ReleaseAsync(CancellationToken.None);
            return new[] { "spring", "autumn" }.Zip(await Task.WhenAll(new[] { "spring", "autumn" }.Select(cohort => fixture.AskAsync<long>(
                $"select sequence from analytics.released_answer where tenant = '{tenant.Name}' and cohort = '{cohort}' and question = 'funnel'")))).ToDictionary();
        }
    }

    [Theory, InlineData("mastery?by=learners")]
    public async Task A_row_about_one_learner_is_not_shown(string question)
    {
        var (_, client) = await GrownAsync();

        await client.RefusesAsync($"/v1/cohorts/spring/analytics/{question}", HttpStatusCode.Forbidden);
        Assert.Null((await client.AskAsync(fixture, "spring", "stuck?days=1"))["learners"]);
        Assert.Null((await client.AskAsync(fixture, "spring", "expiring?days=3650"))["awards"]);
    }

    [Fact]
    public async Task A_curve_of_too_few_awards_has_no_points()
    {
        var (_, client) = await GrownAsync();

        var curve = await client.AskAsync(fixture, "spring", "time-to-milestone?milestone=base");

        Assert.Equal(14, (int)curve["learners"]!);
        Assert.Null(curve["awarded"]);
        Assert.Empty(curve["curve"]!.AsArray());
    }

    [Theory, InlineData(0), InlineData(1001)]
    public async Task The_minimum_is_from_1_to_1000(int minimum)
    {
        using var admin = await (await fixture.TenantAsync()).ClientAsync(Scopes.Admin);
        using var answer = await admin.PutAsync("/v1/analytics/minimum-cell", LedgerFixture.Json($$"""{"minimum":{{minimum}}}"""));
        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("""{"minimum":5}""", System.Text.Encoding.UTF8.GetString(await admin.ReadAsync("/v1/analytics/minimum-cell")));
    }

    private async Task<(Tenant Tenant, HttpClient Client)> GrownAsync()
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        await client.ShowCountsOfAsync(5);
        var receipts = (await Tenant.PostAsync(client,
        [
            .. Enumerable.Range(0, 14).Select(i => Cohorts.Joined($"j{i}", $"p{i}", "spring")),
            .. Enumerable.Range(0, 12).Select(i => Tenant.Attempt($"a{i}", $"p{i}", "alpha", i < 2 ? 0.9 : 0.4)),
        ]))["receipts"]!.AsArray();
        foreach (var receipt in receipts.Take(2))
        {
            await tenant.AppendAsync((Guid)receipt!["learner"]!, Day, Appending.Award(Guid.NewGuid()));
        }

        return (tenant, client);
    }
}
