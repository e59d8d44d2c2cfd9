using System.Globalization;
using System.Net;
using System.Text;
using DuckDB.NET.Data;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

public sealed class ExportTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Parquet_holds_the_rows_and_types_of_the_table_as_another_program_reads_them()
    {
        var (tenant, client) = await GrownAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, await client.ReadAsync("/v1/analytics/exports/fact_attempt?format=parquet"));
            Assert.Equal(
                "event_id UUID, tenant VARCHAR, sequence BIGINT, occurred TIMESTAMP WITH TIME ZONE, recorded TIMESTAMP WITH TIME ZONE, learner UUID, skill VARCHAR, score DECIMAL(28,12), source VARCHAR",
                Duck($"select string_agg(column_name || ' ' || column_type, ', ') from (describe select * from read_parquet('{file}'))"));
            Assert.Equal(
                await fixture.AskAsync<string>(
                    $"select string_agg(concat_ws(' ', event_id, sequence, extract(epoch from recorded)::numeric * 1000000, learner, skill, round(score, 12)), '/' order by sequence) from analytics.fact_attempt where tenant = '{tenant.Name}'"),
                Duck($"select string_agg(concat_ws(' ', event_id, sequence, epoch_us(recorded) || '.000000', learner, skill, score), '/' order by sequence) from read_parquet('{file}')"));

            await File.WriteAllBytesAsync(file, await client.ReadAsync("/v1/analytics/exports/fact_evidence?format=parquet"));
            Assert.Equal("[\"alpha\"] null", Duck($"select skills || ' ' || coalesce(milestone, 'null') from read_parquet('{file}')"));
            await File.WriteAllBytesAsync(file, await client.ReadAsync("/v1/analytics/exports/fact_award?format=parquet"));
            Assert.Equal("0", Duck($"select count(*)::text from read_parquet('{file}')"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Csv_has_a_header_and_the_rows_up_to_the_point_and_the_same_point_gives_the_same_bytes()
    {
        var (tenant, client) = await GrownAsync();
        var path = $"/v1/analytics/exports/fact_attempt?format=csv&asOf=seq:{await fixture.HeadAsync()}";
        var then = await client.ReadAsync(path);
        using var platform = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(platform, Tenant.Attempt("later", "ann", "beta", 0.5));

        var lines = Encoding.UTF8.GetString(then).TrimEnd('\n').Split('\n');
        Assert.Equal("event_id,tenant,sequence,occurred,recorded,learner,skill,score,source", lines[0]);
        Assert.Equal(4, lines.Length);
        Assert.Contains($",{tenant.Name},", lines[1], StringComparison.Ordinal);
        Assert.Contains(",2026-01-05 10:00:00+00,", lines[1], StringComparison.Ordinal);
        Assert.Equal(then, await client.ReadAsync(path));
    }

    [Fact]
    public async Task Every_table_and_view_of_the_dictionary_can_be_taken_in_both_formats_with_its_columns_in_order()
    {
        var (_, client) = await GrownAsync();
        var dictionary = System.Text.Json.Nodes.JsonNode.Parse(await client.ReadAsync("/v1/analytics/dictionary"))!;
        var relations = dictionary["tables"]!.AsArray().Concat(dictionary["views"]!.AsArray())
            .Where(t => (string)t!["name"]! is not ("analyst" or "high_water_note" or "released_answer" or "kept_standing" or "kept_standing_skill")).ToList();
        var file = Path.GetTempFileName();
        try
        {
            Assert.True(relations.Count > 25);
            foreach (var relation in relations)
            {
                var (name, columns) = ((string)relation!["name"]!, string.Join(',', relation["columns"]!.AsArray().Select(c => (string)c!["name"]!)));
                Assert.StartsWith(columns + "\n", Encoding.UTF8.GetString(await client.ReadAsync($"/v1/analytics/exports/{name}?format=csv")), StringComparison.Ordinal);
                await File.WriteAllBytesAsync(file, await client.ReadAsync($"/v1/analytics/exports/{name}?format=parquet"));
                Assert.Equal((name, columns), (name, Duck($"select string_agg(column_name, ',') from (describe select * from read_parquet('{file}'))")));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Rows_of_single_learners_take_a_minimum_cell_of_one_or_the_right_to_audit()
    {
        var (tenant, client) = await GrownAsync();
        await client.ShowCountsOfAsync(5);
        using var auditor = await tenant.ClientAsync(Scopes.AnalyticsRead, Scopes.AuditRead);

        await client.RefusesAsync("/v1/analytics/exports/fact_attempt?format=csv", HttpStatusCode.Forbidden);
        await client.RefusesAsync("/v1/analytics/exports/cohort_mastery?format=csv", HttpStatusCode.Forbidden);
        await client.ReadAsync("/v1/analytics/exports/suppressed_funnel?format=csv");
        await auditor.ReadAsync("/v1/analytics/exports/fact_attempt?format=csv");
    }

    [Fact]
    public async Task Refuses_what_is_no_table_for_analysts_and_formats_it_does_not_know()
    {
        var (tenant, client) = await GrownAsync();

        foreach (var name in new[] { "mt_events", "analyst", "high_water_note", "released_answer", "kept_standing", "fact_attempt%22;drop", "nothing" })
        {
            await client.RefusesAsync($"/v1/analytics/exports/{name}?format=csv", HttpStatusCode.NotFound);
        }

        await client.RefusesAsync("/v1/analytics/exports/fact_attempt?format=xlsx", HttpStatusCode.NotAcceptable);
        await client.RefusesAsync("/v1/analytics/exports/fact_attempt?format=csv&asOf=noon", HttpStatusCode.BadRequest);
        using var other = await tenant.ClientAsync(Scopes.EventsWrite);
        await other.RefusesAsync("/v1/analytics/exports/fact_attempt?format=csv", HttpStatusCode.Forbidden);
    }

    private async Task<(Tenant Tenant, HttpClient Client)> GrownAsync()
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        await Tenant.PostAsync(
            client, Cohorts.Joined("j", "ann", "spring"), Tenant.Attempt("1", "ann", "alpha", 0.25), Tenant.Attempt("2", "ann", "alpha", 0.9), Tenant.Attempt("3", "bob", "beta", 1),
            Tenant.Evidence("4", "ann", Guid.NewGuid()));
        await client.AskAsync(fixture, "spring", "funnel");
        return (tenant, client);
    }

    private static string Duck(string sql)
    {
        using var duck = new DuckDBConnection("Data Source=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }
}
