using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Xapi;
using LearningLedger.Service.Xapi.Mappings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class StatementRaceTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const int Writers = 32;
    private const int Rows = 40;

    /// <summary>Where commits can meet, in the order in which they come there.</summary>
    public enum Meeting
    {
        /// <summary>The turn of a tenant.</summary>
        Turn,

        /// <summary>Somebody who is registered.</summary>
        Newcomer,

        /// <summary>The stream of a learner.</summary>
        Stream,

        /// <summary>What is said of an activity.</summary>
        Activity,
    }

    private NpgsqlDataSource Database => fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task Thirty_two_writers_about_one_activity_do_not_block_each_other_for_good()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);

        // Each describes the one activity anew, speaks of a few learners in another order, and some refer to statements of others.
        var shared = Enumerable.Range(0, Writers).Select(_ => Guid.NewGuid()).ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var codes = new List<HttpStatusCode>();
            for (var round = 0; round < 4; round++)
            {
                var batch = Enumerable.Range(0, 10).Select(i => Statement(
                    actor: $"learner-{(i * (writer + 1)) % 7}",
                    target: $$$"""{"id":"{{{Activity}}}","definition":{"name":{"en":"By {{{writer}}} in round {{{round}}}"} } }"""));
                string[] all = [.. batch, round == 0 ? Statement(shared[writer]) : Statement(target: Reference(shared[(writer + round) % Writers]))];
                using var answer = await client.SendAsync(all);
                codes.Add(answer.StatusCode);
            }

            return codes;
        }));

        Assert.All(answers.SelectMany(a => a), code => Assert.Equal(HttpStatusCode.OK, code));
        Assert.Equal(Writers * 4 * 11, await CountAsync(tenant.Name));
    }

    [Theory]
    [InlineData(Meeting.Turn)]
    [InlineData(Meeting.Newcomer)]
    [InlineData(Meeting.Stream)]
    [InlineData(Meeting.Activity)]
    public async Task Two_commits_that_come_to_the_same_rows_from_opposite_ends_wait_in_one_line(Meeting at)
    {
        // Somebody holds the one in the middle until both stand in line. Had they come from opposite ends, each would then hold what the other wants next.
        var tenants = new[] { await TenantAsync(), await TenantAsync(), await TenantAsync() };
        var items = Enumerable.Range(0, Rows).ToArray();
        StatementRequest[] requests = at == Meeting.Turn
            ? [.. tenants.Select(t => Request(t, [Statement(actor: "teacher", target: Reference(Guid.NewGuid()))]))]
            : [Request(tenants[0], [.. items.Select(i => About(at, "first", i))])];
        StatementRequest[] others = at == Meeting.Turn
            ? [.. tenants.Reverse().Select(t => Request(t, [Statement(actor: "teacher", target: Reference(Guid.NewGuid()))]))]
            : [Request(tenants[0], [.. items.Reverse().Select(i => About(at, "second", i))])];
        var name = $"race of {Guid.NewGuid():N}";
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(fixture.ConnectionString) { ApplicationName = name }.ConnectionString);
        var repeated = new RepeatedCommits();
        if (at is Meeting.Stream or Meeting.Activity)
        {
            await CommitAsync(database, repeated, Request(tenants[0], [.. items.Select(i => About(at, "before", i))]));
        }

        await using var holder = await Database.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await HoldAsync(holder, at, tenants);
        var commits = Task.WhenAll(CommitAsync(database, repeated, requests), CommitAsync(database, repeated, others));
        await Expectations.EventuallyAsync(async () => await AskAsync("select count(*) from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'", name) == 2, "both to wait");
        await held.RollbackAsync();
        await commits;

        Assert.DoesNotContain(PostgresErrorCodes.DeadlockDetected, repeated.States);
    }

    [Fact]
    public async Task A_statement_and_the_one_that_voids_it_never_miss_each_other()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        var ids = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToArray();
        await Task.WhenAll(ids.SelectMany(id => (Task[])[client.StoredAsync(Statement(id)), client.StoredAsync(Voiding(id))]));

        Assert.Empty((await client.IdsAsync("limit=500")).Intersect(ids));
        Assert.Equal(40, (await client.IdsAsync(Agent("ann") + "&limit=500")).Length);
    }

    private async Task<string> TenantAsync()
    {
        var tenant = await fixture.TenantAsync(false);
        (await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi)).Dispose();
        return tenant.Name;
    }

    /// <summary>The statement of a writer about the row with a number, in no other way like that of another writer.</summary>
    private static string About(Meeting at, string writer, int row) => at == Meeting.Activity
        ? Statement(actor: writer, target: $$$"""{"id":"{{{Activity}}}/{{{row}}}","definition":{"name":{"en":"By the {{{writer}}}"} } }""")
        : Statement(actor: $"learner-{row}", target: $$$"""{"id":"{{{Activity}}}/{{{writer}}}"}""");

    private static StatementRequest Request(string tenant, IReadOnlyList<string> statements)
    {
        var caller = new Caller("racer", tenant, new HashSet<string> { Scopes.AllOfXapi }, null, null, Bootstrap: false);
        return new StatementRequest(caller, [.. statements.Select(Posted)], new Dictionary<string, AttachedBytes>(), DateTimeOffset.UtcNow, null);

        PostedStatement Posted(string statement, int index)
        {
            using var document = System.Text.Json.JsonDocument.Parse(statement);
            return PostedStatement.Of(document.RootElement, index, LearningLedger.Xapi.XapiVersion.Two, Guid.NewGuid(), Authority.Of(caller), [], null);
        }
    }

    private async Task CommitAsync(NpgsqlDataSource database, RepeatedCommits repeated, params StatementRequest[] requests)
    {
        var services = fixture.Ledger.App.Services;
        var commit = new StatementCommit(
            new CommitPool(database), services.GetRequiredService<Identities>(), services.GetRequiredService<TenantKeys>(), services.GetRequiredService<MappedEvents>(), repeated);
        Assert.All(await commit.CommitAsync(requests, CancellationToken.None), o => Assert.IsType<StatementOutcome.Stored>(o));
    }

    /// <summary>Locks the row in the middle, as whoever stores a statement about it would.</summary>
    private async Task HoldAsync(NpgsqlConnection connection, Meeting at, string[] tenants)
    {
        var learner = $"learner-{Rows / 2}";
        await using var command = at switch
        {
            Meeting.Turn => new NpgsqlCommand($"select pg_advisory_xact_lock({string.Format(CultureInfo.InvariantCulture, StatementIndex.Turn, "$1")})", connection)
            {
                Parameters = { new() { Value = tenants[1] } },
            },
            Meeting.Newcomer => new NpgsqlCommand("insert into registry.identity (tenant, scheme, issuer, value, learner) values ($1, 'account', 'https://lms.example', $2, gen_random_uuid())", connection)
            {
                Parameters = { new() { Value = tenants[0] }, new() { Value = learner } },
            },
            Meeting.Stream => new NpgsqlCommand(
                "select from ledger.mt_streams s join registry.identity i on i.tenant = s.tenant_id and i.learner = s.id where i.tenant = $1 and i.value = $2 for update of s", connection)
            {
                Parameters = { new() { Value = tenants[0] }, new() { Value = learner } },
            },
            _ => new NpgsqlCommand("select from xapi.activity where tenant = $1 and key = $2 for update", connection)
            {
                Parameters =
                {
                    new() { Value = tenants[0] },
                    new() { Value = (await fixture.Ledger.App.Services.GetRequiredService<TenantKeys>().OfAsync(tenants[0], CancellationToken.None)).OfActivity($"{Activity}/{Rows / 2}") },
                },
            },
        };
        await command.ExecuteNonQueryAsync();
    }

    private Task<long> CountAsync(string tenant) => AskAsync(
        "select count(*) from xapi.statement s join ledger.mt_events e on e.id = s.event_id and e.type = 'statement.stored' where s.tenant = $1", tenant);

    private async Task<long> AskAsync(string sql, string parameter)
    {
        await using var command = Database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = parameter });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Why commits were repeated: the database says of deadlocks only late how many there were, and of those of other tests too.</summary>
    private sealed class RepeatedCommits : ILogger<StatementCommit>
    {
        public ConcurrentBag<string> States { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values && values.FirstOrDefault(v => v.Key == "SqlState").Value is string sqlState)
            {
                States.Add(sqlState);
            }
        }
    }
}
