using LearningLedger.Events;
using LearningLedger.Service.Analytics;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Erasure;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Tables;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>What was projected while the ledger grew is what a rebuild makes of it, row for row.</summary>
public sealed class RebuildTests : IAsyncLifetime
{
    private readonly LedgerFixture fixture = new();

    public Task InitializeAsync() => fixture.InitializeAsync();

    public Task DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Live_equals_rebuilt_and_a_rebuild_writes_no_event_and_sends_no_message()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(GrowAsync));
        var settled = await fixture.AskAsync<long>("select max(seq_id) from ledger.mt_events");
        await Expectations.EventuallyAsync(
            async () => await fixture.AskAsync<long>($"select coalesce(max(last_seq_id), 0) from ledger.mt_event_progression where name = '{AnalyticsProjection.Progress}'") >= settled,
            "the projection has caught up");
        var live = await RowsAsync(fixture.Database());
        Assert.Equal(await fixture.AskAsync<long>("select count(*) from ledger.mt_events where type = 'skill.attempted' and data <> '{}'"), await fixture.AskAsync<long>("select count(*) from analytics.fact_attempt"));
        Assert.All(live, table => Assert.True(table.Value.Count > 0, $"{table.Key} is empty"));

        await fixture.StopAsync();
        await using var database = Database.Open(fixture.ConnectionString);

        // After the stop: until then an award that has become due is still decided.
        var before = await OutsideAsync(database);

        // Nothing of this may survive, or the rows were never made anew.
        await using (var spoil = database.CreateCommand("update analytics.fact_attempt set score = 7; delete from analytics.dim_skill"))
        {
            await spoil.ExecuteNonQueryAsync();
        }

        await using var app = LedgerHost.Build(RunningLedger.Builder([]), new LedgerSettings(), database, new CommitPool(database), Vault.ForTools());
        using var daemon = await app.Services.GetRequiredService<IDocumentStore>().BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync("Analytics", CancellationToken.None);

        var rebuilt = await RowsAsync(database);
        foreach (var (table, (count, digest)) in live)
        {
            Assert.Equal((table, count, digest), (table, rebuilt[table].Count, rebuilt[table].Digest));
        }

        // A comparison takes its numbers a shorter way than the questions it compares.
        Assert.Equal(0, await DifferencesAsync(database, "level, milestone, members, awarded", "award_shares", "funnel"));
        Assert.Equal(0, await DifferencesAsync(database, "skill, learners, first_sum, first_squares", "first_scores", "skills"));
        Assert.Equal(before, await OutsideAsync(database));
        await fixture.StartAsync();
        using var again = fixture.Client(fixture.Bootstrap.ToString());
        await again.ReadAsync("/v1/frameworks");
    }

    [Fact]
    public async Task A_commit_that_comes_late_is_not_passed_over()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        var slow = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt("0", "ann", "alpha", 0.1)))["receipts"]![0]!["learner"]!;
        await using (var connection = await fixture.Database().OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var append = new NpgsqlCommand(
                """
                update ledger.mt_streams set version = version + 1 where id = $1;
                """, connection, transaction);
            append.Parameters.Add(new() { Value = slow });
            await append.ExecuteNonQueryAsync();
            append.CommandText =
                """
                insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
                select nextval('ledger.mt_events_sequence'), gen_random_uuid(), stream_id, version + 1, data, type, now(), tenant_id, mt_dotnet_type, headers, false
                from ledger.mt_events where stream_id = $1 order by version desc limit 1
                """;
            await append.ExecuteNonQueryAsync();
            var held = await fixture.AskAsync<long>("select last_value from ledger.mt_events_sequence");
            for (var i = 0; i < 10; i++)
            {
                await Tenant.PostAsync(client, Tenant.Attempt($"q{i}", $"p{i}", "alpha", 0.5));
                Assert.True(await fixture.AskAsync<long>($"select coalesce(max(last_seq_id), 0) from ledger.mt_event_progression where name = '{AnalyticsProjection.Progress}'") < held);
                await Task.Delay(50);
            }

            await transaction.CommitAsync();
        }

        await Expectations.EventuallyAsync(async () => await fixture.AskAsync<long>("select count(*) from analytics.fact_attempt") == 12, "all twelve attempts are projected");
    }

    /// <summary>A tenant's life: batches of random sizes between decisions.</summary>
    private async Task GrowAsync(int seed)
    {
        var random = new Random(seed);
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        for (var i = 0; i < 25; i++)
        {
            var person = $"p{random.Next(12)}";
            var evidence = Guid.NewGuid();
            var batch = Enumerable.Range(0, random.Next(1, 120)).Select(k => Tenant.Attempt($"{i}-{k}", $"p{random.Next(12)}", "alpha", random.Next(101) / 100.0));
            var receipts = (await Tenant.PostAsync(client,
                [Cohorts.Joined($"j{i}", person, "spring"), .. batch, Tenant.Evidence($"e{i}", person, evidence), Cohorts.Left($"l{i}", $"p{random.Next(12)}", "spring")]))["receipts"]!.AsArray();
            var learner = (Guid)receipts[0]!["learner"]!;
            var award = Guid.NewGuid();
            await tenant.AppendAsync(
                learner, DateTimeOffset.UtcNow, new AttemptVoided((Guid)receipts[1]!["eventId"]!, "mistake"), new EvidenceReviewed(evidence, Verdict.Rejected),
                Appending.Award(award), new AwardSuspended(award, "inquiry", DateTimeOffset.UtcNow), new EvidenceWithdrawn(evidence, "mistake"));
            await tenant.AppendAsync(learner, DateTimeOffset.UtcNow, new AwardRevoked(award, "fraud", DateTimeOffset.UtcNow));
            if (i % 10 == 9)
            {
                await client.EraseAsync(learner);
            }
        }

        var twins = (await Tenant.PostAsync(client, Cohorts.Joined("t1", "twin", "spring"), Cohorts.Joined("t2", "twin-at-work", "spring"), Tenant.Attempt("t3", "twin-at-work", "alpha", 0.5)))["receipts"]!.AsArray()
            .Select(r => (Guid)r!["learner"]!).ToArray();
        await client.LinkAsync(twins[0], twins[1]);
        if (seed % 2 == 0)
        {
            await client.UnlinkAsync(twins[0], twins[1]);
            await client.EraseAsync(twins[1]);
        }

        await tenant.AppendCohortAsync("spring", new CohortClosed("spring", "finished"));
    }

    private static async Task<Dictionary<string, (long Count, string Digest)>> RowsAsync(NpgsqlDataSource database)
    {
        string[] tables =
        [
            "dim_learner", "dim_framework", "dim_milestone", "dim_skill", "milestone_skill", "dim_cohort", "fact_attempt", "fact_attempt_void",
            "fact_evidence", "fact_review", "fact_award", "fact_membership", "fact_closing", "fact_erasure", "fact_link",
        ];
        var rows = new Dictionary<string, (long, string)>();
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand($"select count(*), coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '') from analytics.{table} t");
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            rows[table] = (reader.GetInt64(0), reader.GetString(1));
        }

        return rows;
    }

    /// <summary>Rows that one of two functions gives for some cohort and the other does not, at the end and half-way; -1: they give no rows.</summary>
    private static async Task<long> DifferencesAsync(NpgsqlDataSource database, string columns, string one, string other)
    {
        static string Rows(string columns, string function) =>
            $"select c.cohort, at.s, {columns} from analytics.dim_cohort c cross join (select max(seq_id) from ledger.mt_events union all select max(seq_id) / 2 from ledger.mt_events) at (s) cross join lateral analytics.{function}(c.tenant, c.cohort, at.s)";
        await using var command = database.CreateCommand(
            $"""
            with one as materialized ({Rows(columns, one)}), other as materialized ({Rows(columns, other)})
            select case when not exists (select from one) then -1 else (select count(*) from ((select * from one except all select * from other) union all (select * from other except all select * from one)) d) end
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string> OutsideAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            """
            select (select count(*) || ':' || max(seq_id) from ledger.mt_events) || '/' || (select last_value from ledger.mt_events_sequence)
              || '/' || (select count(*) from wolverine.wolverine_outgoing_envelopes) || '/' || (select count(*) from wolverine.wolverine_incoming_envelopes)
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
