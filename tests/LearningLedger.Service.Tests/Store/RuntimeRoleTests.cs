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
        using var client = roles.Client(ledger);
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
        var bob = (await Tenant.PostAsync(client, Tenant.Attempt("5", "bob", "alpha", 0.9)))["receipts"]![0]!["learner"]!.GetValue<string>();
        using var erased = await client.PostAsync($"/v1/learners/{bob}/erasure", LedgerFixture.Json("""{"ground":"gdpr-17-1-b"}"""));
        await erased.ShouldBeAsync(HttpStatusCode.OK);
        await Expectations.EventuallyAsync(
            async () => await roles.CountAsync($"analytics.fact_erasure where learner = '{bob}'") == 1, "the erasure to be projected");
        using var ready = await client.GetAsync("/health/ready");
        await ready.ShouldBeAsync(HttpStatusCode.OK);
        await ExecuteAsync(roles.Runtime, "select ledger.refresh_statistics()");
    }

    [Fact]
    public async Task It_makes_no_login_for_analysts_but_says_how_and_what_it_says_works()
    {
        await using var ledger = await roles.StartAsync(roles.Runtime, SchemaMode.Check);
        using var client = roles.Client(ledger);

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
    [InlineData("insert into ledger.schema_seen (build, catalogue) values ('', '')")]
    [InlineData("create table ledger.mine (n int)")]
    [InlineData("create schema mine")]
    [InlineData("delete from registry.erasure")]
    [InlineData("insert into registry.erasure select tenant_id, stream_id, id, seq_id, version, now() from ledger.mt_events limit 1")]
    [InlineData("select ledger.erase_learner('default', gen_random_uuid())")]
    [InlineData("select ledger.erase_learner(tenant_id, stream_id) from ledger.mt_events where version = 1 limit 1")]
    public async Task It_cannot(string statement)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(roles.Runtime, statement));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Theory]
    [InlineData("learner", "'ada'", true)]
    [InlineData("another learner", "'bob'", false)]
    [InlineData("a framework", "'ada'", false)]
    public async Task It_masks_only_the_learner_whose_erasure_it_records_in_the_same_transaction(string of, string erased, bool allowed)
    {
        var tenant = "t" + Guid.NewGuid().ToString("N")[..8];
        var sql =
            $"""
            create function pg_temp.stream(name text, kind text) returns uuid language sql as $$ select md5('{tenant}' || name || kind)::uuid $$;
            insert into ledger.mt_streams (tenant_id, id, type, version, timestamp)
              select '{tenant}', pg_temp.stream(name, kind), kind, 1, now() from (values ('ada', 'learner'), ('bob', 'learner'), ('ada', 'framework')) v (name, kind);
            insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
              select nextval('ledger.mt_events_sequence'), gen_random_uuid(), id, 1, jsonb_build_object('x', 1),
                case type when 'learner' then 'learner.registered' else 'framework.published' end, now(), tenant_id, '', jsonb_build_object('occurred', now()), false
              from ledger.mt_streams where tenant_id = '{tenant}';
            delete from tlog.pending where tenant_id = '{tenant}';
            insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
              select nextval('ledger.mt_events_sequence'), gen_random_uuid(), pg_temp.stream('ada', '{(of == "a framework" ? "framework" : "learner")}'), 2, jsonb_build_object('x', 1),
                'learner.erased', now(), '{tenant}', '', jsonb_build_object('occurred', now()), false;
            select ledger.erase_learner('{tenant}', pg_temp.stream({erased}, '{(of == "a framework" ? "framework" : "learner")}'));
            """;

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(roles.Runtime) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var refused = await Record.ExceptionAsync(() => command.ExecuteNonQueryAsync());

        Assert.Equal(allowed ? null : PostgresErrorCodes.InsufficientPrivilege, (refused as PostgresException)?.SqlState);
        if (allowed)
        {
            command.CommandText = $"select string_agg(distinct data::text, ' ' order by data::text) from ledger.mt_events where tenant_id = '{tenant}' and stream_id = pg_temp.stream('ada', 'learner')";
            Assert.Equal("""{"x": 1} {}""", await command.ExecuteScalarAsync());
        }

        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task The_schema_is_made_by_an_owner_who_is_no_superuser()
    {
        var database = new NpgsqlConnectionStringBuilder(await TestCluster.CreateDatabaseAsync("owned"));
        var owner = "owner_" + Guid.NewGuid().ToString("N")[..12];
        await ExecuteAsync(database.ConnectionString, $"create role {owner} login password '{owner}'; alter database \"{database.Database}\" owner to {owner}");
        (database.Username, database.Password) = (owner, owner);

        await using var ledger = await roles.StartAsync(database.ConnectionString, SchemaMode.Apply);

        using var client = roles.Client(ledger);
        Assert.Equal(1, (int)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ada", "linux-fundamentals", 0.9)))["accepted"]!);
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
        return await database.AskAsync<T>(sql);
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

        internal async Task<long> CountAsync(string from)
        {
            await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Owner) { Pooling = false });
            await using var command = database.CreateCommand("select count(*) from " + from);
            return (long)(await command.ExecuteScalarAsync())!;
        }

        public async Task DisposeAsync()
        {
            NpgsqlConnection.ClearAllPools();
            await ExecuteAsync(Owner, $"drop owned by {Name}; drop role {Name}");
            _directory.Dispose();
        }

        /// <summary>A client of a service, with the key of all of them.</summary>
        internal HttpClient Client(RunningLedger ledger) =>
            new() { BaseAddress = new Uri(ledger.Url), DefaultRequestHeaders = { Authorization = new("Bearer", Key.ToString()) } };

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
