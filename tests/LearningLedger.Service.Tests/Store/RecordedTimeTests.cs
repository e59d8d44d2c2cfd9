using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Erasure;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Store;

/// <summary>When an event was recorded is for this database's clock to say.</summary>
public sealed class RecordedTimeTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Theory]
    [InlineData("other", "now() - interval '1 year'")]
    [InlineData("other", "now() + interval '1 year'")]
    [InlineData("other", "clock_timestamp()")]
    [InlineData("facts", "now() - interval '1 year'")]
    [InlineData("facts", "now() + interval '1 year'")]
    [InlineData("facts", "null")]
    public async Task Whatever_an_append_brings(string append, string brought)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var learner = (await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 1))).Learner();
        await using var connection = await fixture.Database().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand(
            $"""
            select set_config('ledger.append', '{append}', true);
            with brought as materialized (select ({brought})::timestamptz as at, pg_sleep(0.001))
            insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
              select nextval('ledger.mt_events_sequence'), gen_random_uuid(), e.stream_id, e.version + 1, e.data, e.type, b.at, e.tenant_id, e.mt_dotnet_type, e.headers, false
              from ledger.mt_events e cross join brought b where e.stream_id = '{learner}' and e.version = 2
              returning timestamp between statement_timestamp() and clock_timestamp(), timestamp is distinct from (select at from brought);
            """,
            connection);
        await using var reader = await insert.ExecuteReaderAsync();
        await reader.NextResultAsync();
        Assert.True(await reader.ReadAsync());

        Assert.Equal((true, true), (reader.GetBoolean(0), reader.GetBoolean(1)));
    }

    [Fact]
    public async Task It_rises_with_versions_and_sequences_in_one_append()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var learner = (await Tenant.PostAsync(client, [.. Enumerable.Range(1, 50).Select(i => Tenant.Attempt($"{i}", "ann", "alpha", 0.5))])).Learner();

        Assert.Equal(0, await fixture.CountAsync(
            $"""
            (select timestamp < lag(timestamp) over w as back, seq_id < lag(seq_id) over w as seq_back
              from ledger.mt_events where stream_id = '{learner}' window w as (order by version)) e where back or seq_back
            """));
    }
}
