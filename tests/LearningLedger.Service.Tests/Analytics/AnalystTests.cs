using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>Two tenants' analysts and readers, logged in to PostgreSQL itself, try everything.</summary>
public sealed class AnalystTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task An_analyst_sees_the_rows_of_the_own_tenant_in_every_table_view_and_function_and_of_no_other()
    {
        var (mine, yours) = (await GrownAsync("analyst"), await GrownAsync("analyst"));
        var relations = await RelationsAsync();
        Assert.True(relations.Count > 30);

        var seen = 0;
        foreach (var relation in relations.Where(r => r is not "high_water_note"))
        {
            var (own, all) = await CountAsync(mine, relation);
            Assert.Equal((relation, own), (relation, all));
            seen += own > 0 ? 1 : 0;
        }

        Assert.True(seen >= 15, $"only {seen} hold anything");
        foreach (var function in new[] { "members", "standing", "funnel", "skills", "memberships", "trends", "verdicts" })
        {
            Assert.True(await AskAsync<long>(mine, $"select count(*) from analytics.{function}('{mine.Tenant}', 'spring', 9223372036854775807)") > 0);
            Assert.Equal(0, await AskAsync<long>(mine, $"select count(*) from analytics.{function}('{yours.Tenant}', 'spring', 9223372036854775807)"));
        }

        await RefusedAsync(mine, "select * from analytics.high_water_note");
    }

    [Fact]
    public async Task The_psql_view_gives_the_numbers_of_the_API()
    {
        var mine = await GrownAsync("analyst");
        using var client = await mine.Room.ClientAsync(Scopes.AnalyticsRead);
        var funnel = JsonNode.Parse(await client.ReadAsync("/v1/cohorts/spring/analytics/funnel"))!["milestones"]!.AsArray();

        var rows = await AskAsync<string>(
            mine, "select string_agg(concat_ws(' ', milestone, members, entered, in_progress, eligible, awarded), '/' order by level) from analytics.cohort_funnel");

        Assert.Equal(string.Join('/', funnel.Select(m => $"{m!["milestone"]} {m["members"]} {m["entered"]} {m["inProgress"]} {m["eligible"]} {m["awarded"]}")), rows);
    }

    [Theory]
    [InlineData("set role \"OWNER\"")]
    [InlineData("set session authorization \"OWNER\"")]
    [InlineData("set row_security = off; select * from analytics.fact_attempt")]
    [InlineData("insert into analytics.analyst (role, tenant, kind, created_by) values (session_user, 'x', 'reader', 'me')")]
    [InlineData("update analytics.analyst set tenant = 'x'")]
    [InlineData("delete from analytics.fact_attempt")]
    [InlineData("truncate analytics.fact_attempt")]
    [InlineData("call analytics.project(0, 100)")]
    [InlineData("call analytics.grant_readers()")]
    [InlineData("select * from ledger.mt_events")]
    [InlineData("select * from ledger.mt_streams")]
    [InlineData("select * from registry.identity")]
    [InlineData("select * from registry.api_key")]
    [InlineData("select * from registry.minimum_cell")]
    [InlineData("select * from vault.learner_key")]
    [InlineData("select * from vault.tenant_key")]
    [InlineData("select nextval('ledger.mt_events_sequence')")]
    [InlineData("create table analytics.mine (n int)")]
    [InlineData("alter table analytics.fact_attempt disable row level security")]
    [InlineData("create role another")]
    public async Task Neither_may(string statement)
    {
        statement = statement.Replace("OWNER", new NpgsqlConnectionStringBuilder(fixture.ConnectionString).Username, StringComparison.Ordinal);
        await RefusedAsync(await LoginAsync(await fixture.TenantAsync(), "analyst"), statement);
        await RefusedAsync(await LoginAsync(await fixture.TenantAsync(), "reader"), statement);
    }

    [Theory]
    [InlineData("set role ledger_analyst")]
    [InlineData("set ledger.tenant = 'OTHER'; set app.tenant = 'OTHER'")]
    [InlineData("select set_config('role', 'ledger_analyst', false)")]
    [InlineData("set search_path = analytics")]
    public async Task No_setting_shows_another_tenants_rows(string setting)
    {
        var (mine, yours) = (await GrownAsync("analyst"), await GrownAsync("analyst"));

        await using var database = NpgsqlDataSource.Create(mine.ConnectionString);
        await using var command = database.CreateCommand(
            $"{setting.Replace("OTHER", yours.Tenant, StringComparison.Ordinal)}; select count(*) filter (where tenant <> '{mine.Tenant}'), count(*) from analytics.fact_attempt");
        await using var reader = await command.ExecuteReaderAsync();
        while (reader.FieldCount < 2)
        {
            await reader.NextResultAsync();
        }

        await reader.ReadAsync();
        Assert.Equal(0, reader.GetInt64(0));
        Assert.True(reader.GetInt64(1) > 0);
    }

    [Fact]
    public async Task A_reader_sees_suppressed_figures_alone()
    {
        var login = await LoginAsync(await fixture.TenantAsync(), "reader");

        foreach (var relation in await RelationsAsync())
        {
            if (relation is "released_answer" or "analyst" || relation.StartsWith("suppressed_", StringComparison.Ordinal))
            {
                await CountAsync(login, relation);
            }
            else
            {
                await RefusedAsync(login, $"select * from analytics.{relation}");
            }
        }

        await RefusedAsync(login, $"select * from analytics.members('{login.Tenant}', 'spring', 1)");
    }

    [Fact]
    public async Task There_is_one_login_of_a_kind_and_asking_again_gives_it_a_new_password_and_taking_it_away_ends_it()
    {
        var tenant = await fixture.TenantAsync();
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        var first = await LoginAsync(tenant, "analyst");
        using var again = await admin.PostAsync("/v1/analysts", LedgerFixture.Json("{}"));
        await again.ShouldBeAsync(HttpStatusCode.OK);
        var second = await again.JsonAsync();

        Assert.Equal(first.Role, (string)second["role"]!);
        NpgsqlConnection.ClearAllPools();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => AskAsync<int>(first, "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        var list = System.Text.Encoding.UTF8.GetString(await admin.ReadAsync("/v1/analysts"));
        Assert.Contains(first.Role, list, StringComparison.Ordinal);
        Assert.DoesNotContain((string)second["password"]!, list, StringComparison.Ordinal);

        using var removed = await admin.DeleteAsync($"/v1/analysts/{first.Role}");
        await removed.ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal(0, await fixture.AskAsync<long>($"select count(*) from pg_roles where rolname = '{first.Role}'"));
        using var gone = await admin.DeleteAsync($"/v1/analysts/{first.Role}");
        await gone.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Refuses_other_kinds_and_whoever_is_not_admin_and_another_tenants_login()
    {
        var (tenant, other) = (await fixture.TenantAsync(), await fixture.TenantAsync());
        using var analyst = await tenant.ClientAsync(Scopes.AnalyticsRead);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        var login = await LoginAsync(other, "analyst");

        using var forbidden = await analyst.PostAsync("/v1/analysts", LedgerFixture.Json("{}"));
        await forbidden.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var unknown = await admin.PostAsync("/v1/analysts", LedgerFixture.Json("""{"kind":"owner"}"""));
        await unknown.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        using var foreign = await admin.DeleteAsync($"/v1/analysts/{login.Role}");
        await foreign.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_dictionary_explains_every_table_view_column_and_function()
    {
        using var client = await (await fixture.TenantAsync()).ClientAsync(Scopes.AnalyticsRead);
        var dictionary = JsonNode.Parse(await client.ReadAsync("/v1/analytics/dictionary"))!;

        var things = new[] { "tables", "views" }.SelectMany(k => dictionary[k]!.AsArray()).Concat(dictionary["functions"]!.AsArray()).ToList();
        Assert.True(things.Count > 40);
        Assert.All(things, t => Assert.True(t!["about"] is not null, $"{t["name"]} has no comment"));
        Assert.All(
            things.SelectMany(t => t!["columns"]?.AsArray().Select(c => (Table: (string)t["name"]!, Column: c!)) ?? []),
            c => Assert.True(c.Column["about"] is not null, $"{c.Table}.{c.Column["name"]} has no comment"));
        Assert.Contains("pseudonymous", dictionary["roles"]!.ToJsonString(), StringComparison.Ordinal);

        var page = System.Text.Encoding.UTF8.GetString(await client.ReadAsync("/v1/analytics/dictionary?format=markdown"));
        Assert.All(things, t => Assert.Contains($"### {t!["name"]}", page, StringComparison.Ordinal));
    }

    private sealed record Login(Tenant Room, string Role, string ConnectionString)
    {
        internal string Tenant => Room.Name;
    }

    private async Task<Login> LoginAsync(Tenant tenant, string kind)
    {
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        using var answer = await admin.PostAsync("/v1/analysts", LedgerFixture.Json($$"""{"kind":"{{kind}}"}"""));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
        var made = await answer.JsonAsync();
        return new Login(tenant, (string)made["role"]!, new NpgsqlConnectionStringBuilder(fixture.ConnectionString)
        {
            Username = (string)made["role"]!,
            Password = (string)made["password"]!,
        }.ConnectionString);
    }

    /// <summary>A tenant with something of everything, projected, and its login.</summary>
    private async Task<Login> GrownAsync(string kind)
    {
        var room = await Classroom.OpenAsync(fixture);
        using var client = await room.Tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        await Tenant.PostAsync(client, Cohorts.Joined("j", "ann", "spring"), Cohorts.Joined("k", "bob", "spring"), Cohorts.Left("l", "bob", "spring"));
        var (learner, award, _) = await room.WithPeakAsync("ann");
        var (_, attempt) = await room.AttemptAsync("ann", "alpha", 0.2);
        using var voided = await Classroom.VoidAsync(room.Board, learner, attempt);
        await voided.ShouldBeAsync(HttpStatusCode.OK);
        await client.AskAsync(fixture, "spring", "funnel");
        return await LoginAsync(room.Tenant, kind);
    }

    private async Task<List<string>> RelationsAsync()
    {
        await using var command = fixture.Database().CreateCommand(
            "select relname from pg_class where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'v') order by relname");
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task<(long Own, long All)> CountAsync(Login login, string relation)
    {
        await using var database = NpgsqlDataSource.Create(login.ConnectionString);
        await using var command = database.CreateCommand($"select count(*) filter (where tenant = '{login.Tenant}'), count(*) from analytics.{relation}");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task<T> AskAsync<T>(Login login, string sql)
    {
        await using var database = NpgsqlDataSource.Create(login.ConnectionString);
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task RefusedAsync(Login login, string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => AskAsync<object>(login, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
