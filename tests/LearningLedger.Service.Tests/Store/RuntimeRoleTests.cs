using System.Net;
using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace LearningLedger.Service.Tests.Store;

public sealed class RuntimeRoleTests(RuntimeRoleTests.Roles roles) : IClassFixture<RuntimeRoleTests.Roles>
{
    [Fact]
    public async Task The_service_does_its_work_as_a_role_that_owns_nothing()
    {
        await using var ledger = await roles.StartAsync(roles.Runtime, SchemaMode.Check);
        using var client = new HttpClient { BaseAddress = new Uri(ledger.Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", roles.Key.ToString());
        var evidence = Guid.NewGuid();

        using var framework = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(LedgerFixture.SmallFramework));
        await framework.ShouldBeAsync(HttpStatusCode.Created);
        using var cohort = await client.PostAsync("/v1/cohorts", LedgerFixture.Json("""{"code":"c","name":"C","framework":"small"}"""));
        await cohort.ShouldBeAsync(HttpStatusCode.Created);
        var receipts = await Tenant.PostAsync(
            client, Tenant.Attempt("1", "ada", "alpha", 0.9), Tenant.Evidence("2", "ada", evidence), Tenant.Attempt("3", "ada", "beta", 0.8),
            Tenant.Event("4", "ada", "cohort.joined", """{"cohort":"c"}"""));
        var learner = receipts["receipts"]![0]!["learner"]!.GetValue<string>();
        using var review = await client.PostAsync($"/v1/learners/{learner}/evidence/{evidence}/reviews", LedgerFixture.Json("""{"decision":"accepted"}"""));
        await review.ShouldBeAsync(HttpStatusCode.Created);
        await Expectations.EventuallyAsync(
            async () => (await client.GetStringAsync($"/v1/learners/{learner}/transcript")).Contains("\"status\":\"awarded\"", StringComparison.Ordinal), "the automatic award");
        using var funnel = await client.GetAsync("/v1/cohorts/c/analytics/funnel");
        await funnel.ShouldBeAsync(HttpStatusCode.OK);
        using var key = await client.PostAsync("/v1/keys", LedgerFixture.Json(JsonSerializer.Serialize(
            new { name = "new", scopes = new[] { Scopes.Admin }, tenant = "other" }, LedgerJson.Options)));
        await key.ShouldBeAsync(HttpStatusCode.Created);
        using var ready = await client.GetAsync("/health/ready");
        await ready.ShouldBeAsync(HttpStatusCode.OK);
        await ExecuteAsync(roles.Runtime, "select ledger.refresh_statistics()");
    }

    [Fact]
    public async Task It_makes_no_login_for_analysts_but_says_how_and_what_it_says_works()
    {
        await using var ledger = await roles.StartAsync(roles.Runtime, SchemaMode.Check);
        using var client = new HttpClient { BaseAddress = new Uri(ledger.Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", roles.Key.ToString());

        using var answer = await client.PostAsync("/v1/analysts", LedgerFixture.Json("""{"kind":"analyst"}"""));

        await answer.ShouldBeAsync(HttpStatusCode.NotImplemented);
        var problem = await answer.JsonAsync();
        Assert.Equal(Problems.TypeOf("operator-needed"), (string)problem["type"]!);
        Assert.Equal(0, await AskAsync<long>(roles.Owner, "select count(*) from analytics.analyst"));
        var role = (string)problem["role"]!;
        try
        {
            // The groups come with the server's roles, see deploy/database/roles.sql; a test beside this one may have made them.
            await ExecuteAsync(
                roles.Owner,
                "do $$ begin create role ledger_analyst nologin; exception when duplicate_object or unique_violation then null; end $$; do $$ begin create role ledger_reader nologin; exception when duplicate_object or unique_violation then null; end $$; call analytics.grant_readers();");
            await ExecuteAsync(roles.Owner, (string)problem["statement"]!);
            var analyst = new NpgsqlConnectionStringBuilder(roles.Owner) { Username = role, Password = (string)problem["password"]! }.ConnectionString;

            Assert.Equal("default", await AskAsync<string>(analyst, "select tenant from analytics.analyst"));
            Assert.True(await AskAsync<long>(analyst, "select count(*) from analytics.dim_framework") > 0);
            await Assert.ThrowsAsync<PostgresException>(() => AskAsync<long>(analyst, "select count(*) from ledger.mt_events"));
        }
        finally
        {
            await ExecuteAsync(roles.Owner, $"do $$ begin if exists (select from pg_roles where rolname = '{role}') then drop owned by \"{role}\"; drop role \"{role}\"; end if; end $$");
        }
    }

    [Theory]
    [InlineData("update ledger.mt_events set data = '{}'")]
    [InlineData("delete from ledger.mt_events")]
    [InlineData("truncate ledger.mt_events")]
    [InlineData("alter table ledger.mt_events disable trigger all")]
    [InlineData("drop trigger stamp_recorded on ledger.mt_events")]
    [InlineData("set session_replication_role = replica")]
    [InlineData("select setval('ledger.mt_events_sequence', 1)")]
    [InlineData("delete from ledger.mt_streams")]
    [InlineData("delete from registry.intake_conflict")]
    [InlineData("update registry.setting set value = ''")]
    [InlineData("insert into ledger.schema_migration (number, name, sha256) values (9999, '', '')")]
    [InlineData("create table ledger.mine (n int)")]
    [InlineData("create schema mine")]
    public async Task It_cannot(string statement)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(roles.Runtime, statement));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Every_schema_of_the_service_is_known_to_the_grants()
    {
        await using var database = NpgsqlDataSource.Create(roles.Owner);
        await using var without = database.CreateCommand(
            "select coalesce(string_agg(nspname, ', '), '') from pg_namespace where nspname !~ '^pg_|^information_schema$|^public$' and not has_schema_privilege($1, oid, 'usage')");
        without.Parameters.Add(new() { Value = roles.Name });

        Assert.Equal("", await without.ExecuteScalarAsync());
    }

    private static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A database whose schema is there, and a role that was granted what the service needs.</summary>
    public sealed class Roles : IAsyncLifetime
    {
        private readonly TestDirectory _directory = new();

        internal string Name { get; } = "runtime_" + Guid.NewGuid().ToString("N")[..12];

        internal KeyText Key { get; } = KeyText.Make();

        internal string Owner { get; private set; } = "";

        internal string Runtime => new NpgsqlConnectionStringBuilder(Owner) { Username = Name, Password = Name }.ConnectionString;

        public async Task InitializeAsync()
        {
            Owner = await TestCluster.CreateDatabaseAsync("roles");
            await ExecuteAsync(Owner, $"create role {Name} login password '{Name}'");
            await using (await StartAsync(Owner, SchemaMode.Apply))
            {
            }

            await using var database = NpgsqlDataSource.Create(Owner);
            await RuntimeRole.GrantAsync(database, Name, CancellationToken.None);
        }

        public async Task DisposeAsync()
        {
            NpgsqlConnection.ClearAllPools();
            await ExecuteAsync(Owner, $"drop owned by {Name}; drop role {Name}");
            _directory.Dispose();
        }

        internal Task<RunningLedger> StartAsync(string connectionString, SchemaMode schema) =>
            RunningLedger.StartAsync(["--urls", "http://127.0.0.1:0"], _ => { }, builder => builder.Configuration.AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["ConnectionStrings:ledger"] = connectionString,
                    ["Ledger:DataDirectory"] = _directory.Data,
                    ["Ledger:BootstrapKey"] = Key.ToString(),
                    ["Ledger:Schema"] = schema.ToString(),
                }), CancellationToken.None);
    }
}
