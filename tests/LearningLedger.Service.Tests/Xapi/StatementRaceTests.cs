using System.Collections.Concurrent;
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
    [InlineData(true)]
    [InlineData(false)]
    public async Task Services_that_commit_side_by_side_meet_nowhere_at_cross_purposes(bool sameLearners)
    {
        // Groups of requests in transactions of their own at once, as several services would have them: about the same activities, each group in another order
        // and with something new to say of every one; and about the same learners, or, as who waits for a learner meets nobody at an activity, about others.
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        await client.StoredAsync(Statement());
        var services = fixture.Ledger.App.Services;
        var repeated = new RepeatedCommits();
        var commit = new StatementCommit(
            Database, services.GetRequiredService<Identities>(), services.GetRequiredService<TenantKeys>(), services.GetRequiredService<MappedEvents>(), repeated);
        var caller = new Caller("racer", tenant.Name, new HashSet<string> { Scopes.AllOfXapi }, null, null, Bootstrap: false);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(group => Task.Run(async () =>
        {
            for (var round = 0; round < 5; round++)
            {
                var statements = Enumerable.Range(0, 20).Select(i => Posted(caller, i, $"{(sameLearners ? 0 : group)}-{(i * (group + 3)) % 11}", (i * (group + 2)) % 13, $"{group}/{round}")).ToList();
                var request = new StatementRequest(caller, statements, new Dictionary<string, AttachedBytes>(), DateTimeOffset.UtcNow, null);
                Assert.IsType<StatementOutcome.Stored>(Assert.Single(await commit.CommitAsync([request], CancellationToken.None)));
            }
        })));

        Assert.Equal(1 + (8 * 5 * 20), await CountAsync(tenant.Name));
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

    private static PostedStatement Posted(Caller caller, int index, string learner, int activity, string name)
    {
        using var document = System.Text.Json.JsonDocument.Parse(Statement(
            actor: $"learner-{learner}", target: $$$"""{"id":"{{{Activity}}}/{{{activity}}}","definition":{"name":{"en":"{{{name}}}"} } }"""));
        return PostedStatement.Of(document.RootElement, index, LearningLedger.Xapi.XapiVersion.Two, Guid.NewGuid(), Authority.Of(caller), [], null);
    }

    private async Task<long> CountAsync(string tenant)
    {
        await using var command = Database.CreateCommand(
            "select count(*) from xapi.statement s join ledger.mt_events e on e.id = s.event_id and e.type = 'statement.stored' where s.tenant = $1");
        command.Parameters.Add(new() { Value = tenant });
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
