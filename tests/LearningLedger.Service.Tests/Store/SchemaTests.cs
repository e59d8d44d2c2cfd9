using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine.Persistence.Durability;

namespace LearningLedger.Service.Tests.Store;

public sealed class SchemaTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private NpgsqlDataSource Database => fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>();

    private IDocumentStore Store => fixture.Ledger.App.Services.GetRequiredService<IDocumentStore>();

    private IMessageStore Messages => fixture.Ledger.App.Services.GetRequiredService<IMessageStore>();

    [Fact]
    public async Task Applying_again_changes_nothing_and_keeps_our_trigger_and_indexes()
    {
        var before = await ObjectsAsync();

        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);

        Assert.Equal(before, await ObjectsAsync());
        Assert.Contains("trigger stamp_recorded", before);
        Assert.Contains("index mt_events_cohort_member", before);
        Assert.Contains("index mt_events_catalogue", before);
        await SchemaUpdate.CheckAsync(Database, Store, Messages, default);
    }

    [Fact]
    public async Task Martens_foreign_key_of_events_to_streams_is_left_out_and_dropped_where_an_older_build_made_it()
    {
        Assert.DoesNotContain("key fkey_mt_events_stream_id_tenant_id", await ObjectsAsync());
        await fixture.DoAsync(
            "alter table ledger.mt_events add constraint fkey_mt_events_stream_id_tenant_id foreign key (tenant_id, stream_id) references ledger.mt_streams (tenant_id, id)");

        await Assert.ThrowsAnyAsync<Exception>(() => SchemaUpdate.CheckAsync(Database, Store, Messages, default));
        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);

        Assert.DoesNotContain("key fkey_mt_events_stream_id_tenant_id", await ObjectsAsync());
        await SchemaUpdate.CheckAsync(Database, Store, Messages, default);
    }

    [Fact]
    public async Task What_this_build_has_compared_is_compared_again_only_when_the_note_of_it_is_gone()
    {
        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);
        var seen = await SeenAsync();

        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);

        Assert.Equal(seen, await SeenAsync());
        await fixture.DoAsync("update ledger.schema_seen set build = 'another'");
        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);
        Assert.NotEqual(seen, await SeenAsync());
        await fixture.DoAsync("delete from ledger.schema_seen where build = 'another'");
    }

    [Theory]
    [InlineData("drop index ledger.idx_mt_events_event_id")]
    [InlineData("alter table ledger.mt_events alter column correlation_id type text")]
    [InlineData("alter table ledger.mt_event_progression drop column agent_status")]
    [InlineData("drop function ledger.mt_mark_event_progression")]
    public async Task What_is_other_than_this_build_has_seen_it_is_found_and_mended(string change)
    {
        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);
        var before = await ObjectsAsync();
        await fixture.DoAsync(change);

        await Assert.ThrowsAnyAsync<Exception>(() => SchemaUpdate.CheckAsync(Database, Store, Messages, default));
        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);

        Assert.Equal(before, await ObjectsAsync());
        await SchemaUpdate.CheckAsync(Database, Store, Messages, default);
    }

    [Fact]
    public async Task A_column_of_Wolverine_that_is_gone_is_made_again()
    {
        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);
        await fixture.DoAsync("alter table wolverine.wolverine_dead_letters drop column exception_message");

        await SchemaUpdate.ApplyAsync(Database, Store, Messages, alone: true, default);

        await fixture.DoAsync("select exception_message from wolverine.wolverine_dead_letters");
    }

    [Theory]
    [InlineData("update ledger.schema_migration set sha256 = 'x' where number = 1", "differs")]
    [InlineData("insert into ledger.schema_migration (number, name, sha256) values (9999, 'future', 'x')", "newer build")]
    public async Task An_altered_or_newer_database_is_refused(string change, string message)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var read = new NpgsqlCommand("select number, sha256 from ledger.schema_migration order by number", connection);
        var kept = new List<(int Number, string Hash)>();
        await using (var reader = await read.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                kept.Add((reader.GetInt32(0), reader.GetString(1)));
            }
        }

        await using (var alter = new NpgsqlCommand(change, connection))
        {
            await alter.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        try
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SchemaUpdate.CheckAsync(Database, Store, Messages, default));
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await using var back = new NpgsqlCommand("delete from ledger.schema_migration where number = 9999; ", connection);
            await back.ExecuteNonQueryAsync();
            foreach (var (number, hash) in kept)
            {
                await using var restore = new NpgsqlCommand("update ledger.schema_migration set sha256 = $2 where number = $1", connection);
                restore.Parameters.Add(new() { Value = number });
                restore.Parameters.Add(new() { Value = hash });
                await restore.ExecuteNonQueryAsync();
            }
        }
    }

    [Fact]
    public async Task Streams_are_stored_under_their_stable_types()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(LearningLedger.Service.Host.Scopes.EventsWrite, LearningLedger.Service.Host.Scopes.Admin);
        using var opened = await client.PostAsync("/v1/cohorts", LedgerFixture.Json("""{"code":"spring","name":"Spring","framework":"small"}"""));
        await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 1));

        await using var command = Database.CreateCommand("select array_agg(distinct type::text order by type::text) from ledger.mt_streams where tenant_id = $1");
        command.Parameters.Add(new() { Value = tenant.Name });

        Assert.Equal(["cohort", "framework", "learner"], (string[])(await command.ExecuteScalarAsync())!);
    }

    private async Task<string> SeenAsync()
    {
        await using var command = Database.CreateCommand("select string_agg(build || catalogue || seen_at, ' ' order by seen_at) from ledger.schema_seen");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<string>> ObjectsAsync()
    {
        await using var command = Database.CreateCommand(
            """
            select 'table ' || schemaname || '.' || tablename from pg_tables where schemaname in ('ledger', 'wolverine', 'vault', 'registry', 'analytics')
            union all select 'index ' || indexname from pg_indexes where schemaname in ('ledger', 'wolverine', 'vault', 'registry', 'analytics')
            union all select 'trigger ' || tgname from pg_trigger where not tgisinternal
            union all select 'function ' || p.oid::regprocedure::text || md5(p.prosrc) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('ledger', 'analytics')
            union all select 'key ' || conname from pg_constraint where contype = 'f' and connamespace = 'ledger'::regnamespace
            order by 1
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var objects = new List<string>();
        while (await reader.ReadAsync())
        {
            objects.Add(reader.GetString(0));
        }

        return objects;
    }
}
