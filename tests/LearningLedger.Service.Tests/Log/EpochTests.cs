using System.Net;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>What the signer remembers outlives the database, and each test has its own of both.</summary>
public sealed class EpochTests : IAsyncLifetime
{
    // No heads leaf comes between what was shown and the next log.
    private readonly LedgerFixture fixture = new HeadsTests.Seldom();

    public Task InitializeAsync() => fixture.InitializeAsync();

    public Task DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task After_a_restore_from_a_backup_nothing_is_signed_until_an_operator_opens_a_new_log_that_binds_the_old_one()
    {
        var tenant = await fixture.TenantAsync();
        var platform = await tenant.KeyAsync([Scopes.EventsWrite]);
        var auditor = await tenant.KeyAsync([Scopes.AuditRead]);
        await PostAsync(platform, "kept");
        await CoveredAsync(tenant);
        await fixture.StopAsync();
        await CopyAsync(from: Name, to: Name + "_backup");
        await fixture.StartAsync();
        await PostAsync(platform, "lost");
        await CoveredAsync(tenant);
        var last = await CheckpointAsync(tenant, auditor);
        await fixture.StopAsync();
        await CopyAsync(from: Name + "_backup", to: Name);
        await fixture.StartAsync();

        await PostAsync(platform, "after");
        await RefusedAsync(tenant);
        using (var client = fixture.Client(auditor))
        {
            // Recording goes on meanwhile, and readiness tells; it counts the logs of all tenants, those of other tests too.
            using var ready = await client.GetAsync("/health/ready");
            Assert.InRange((int?)(await ready.JsonAsync())["log"]!["findings"]!["not-signed"] ?? 0, 1, int.MaxValue);
        }

        var origin = await fixture.Ledger.App.Services.GetRequiredService<Epochs>().OpenAsync(tenant.Name, last: null, default);

        Assert.EndsWith($"/{tenant.Name}/2", origin, StringComparison.Ordinal);
        var leaves = await new TenantLogReader(tenant, fixture.Client(auditor)).ShouldHoldEverythingAsync("/2");
        var first = Assert.IsType<EpochLeaf>(leaves[0]);
        Assert.Equal(last, Checkpoint.Parse(SignedNote.Parse(first.Note).Text).Size);
        using var ended = await fixture.Client(auditor).GetAsync($"/log/{tenant.Name}/checkpoint");
        await ended.ShouldBeAsync(HttpStatusCode.Gone);
        Assert.Empty(await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(tenant.Name, default));
    }

    [Fact]
    public async Task A_signer_that_has_lost_its_memory_signs_nothing_more_until_a_new_log_is_opened()
    {
        var tenant = await fixture.TenantAsync();
        var platform = await tenant.KeyAsync([Scopes.EventsWrite]);
        await CoveredAsync(tenant);
        await fixture.StopAsync();
        Directory.Delete(Path.Combine(fixture.Data, "log"), recursive: true);
        await fixture.StartAsync();

        await PostAsync(platform, "more");

        await RefusedAsync(tenant);
        await fixture.Ledger.App.Services.GetRequiredService<Epochs>().OpenAsync(tenant.Name, last: null, default);
        Assert.IsType<EpochLeaf>((await (await TenantLogReader.OfAsync(tenant)).ShouldHoldEverythingAsync("/2"))[0]);
    }

    [Fact]
    public async Task A_signer_that_remembers_less_than_the_database_shows_begins_the_next_log_with_what_was_shown()
    {
        var tenant = await fixture.TenantAsync();
        await CoveredAsync(tenant);
        var earlier = await NoteAsync(tenant);
        await PostAsync(await tenant.KeyAsync([Scopes.EventsWrite]), "more");
        await CoveredAsync(tenant);
        var reader = await TenantLogReader.OfAsync(tenant);
        foreach (var (ended, next) in new[] { ("", "/2"), ("/2", "/3") })
        {
            var shown = await reader.CheckpointAsync(ended);
            await fixture.StopAsync();
            File.WriteAllText(Path.Combine(fixture.Data, "log", tenant.Name + ".checkpoint"), earlier);
            await fixture.StartAsync();

            await fixture.Ledger.App.Services.GetRequiredService<Epochs>().OpenAsync(tenant.Name, last: null, default);

            reader = await TenantLogReader.OfAsync(tenant);
            var first = Assert.IsType<EpochLeaf>((await reader.ShouldHoldEverythingAsync(next))[0]);
            Assert.Equal(shown, Checkpoint.Parse(SignedNote.Parse(first.Note).Text));
        }
    }

    [Fact]
    public async Task A_checkpoint_that_others_kept_counts_if_it_is_later_and_of_this_log()
    {
        var (tenant, other) = (await fixture.TenantAsync(), await fixture.TenantAsync());
        await CoveredAsync(tenant);
        await CoveredAsync(other);
        var earlier = await NoteAsync(tenant);
        await PostAsync(await tenant.KeyAsync([Scopes.EventsWrite]), "more");
        await CoveredAsync(tenant);
        var signer = fixture.Ledger.App.Services.GetRequiredService<Signer>();
        var last = signer.Last(tenant.Name);

        signer.Recall(tenant.Name, earlier);
        Assert.Equal(last, signer.Last(tenant.Name));
        Refuses("is no log of tenant", await NoteAsync(other));
        Refuses("is signed by another key", Checkpoint.Parse(SignedNote.Parse(earlier).Text).Sign(new SigningKey(last!.Origin, SignatureType.Ed25519, new byte[32])).ToString());
        Refuses("cannot be read", "what is no note");
        Assert.NotNull(await fixture.Ledger.App.Services.GetRequiredService<Epochs>().OpenAsync(tenant.Name, last: null, default));
        Refuses("has ended", earlier);

        void Refuses(string words, string note) => Assert.Contains(words, Assert.Throws<SignerRefusal>(() => signer.Recall(tenant.Name, note)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_the_key_too_and_rewrites_everything_is_convicted_by_two_notes()
    {
        var tenant = await fixture.TenantAsync();
        var platform = await tenant.KeyAsync([Scopes.EventsWrite]);
        var auditor = await tenant.KeyAsync([Scopes.AuditRead]);
        var victim = await PostAsync(platform, "victim");
        await CoveredAsync(tenant);
        using var before = fixture.Client(auditor);
        var key = VerifierKey.Parse((await before.GetStringAsync($"/log/{tenant.Name}/key")).TrimEnd('\n'));
        var kept = SignedNote.Parse(await before.GetStringAsync($"/log/{tenant.Name}/checkpoint"));

        // With key and memory in hand, the operator signs another history.
        await Forger.RewriteAsync(fixture, tenant.Name, leaves => leaves.Select(l => (l.Sequence, Forger.Forged(l.Leaf, victim))));
        await fixture.DoAsync($"update tlog.log set checkpoint = null, checkpoint_size = 0 where tenant = '{tenant.Name}'");
        await fixture.StopAsync();
        File.Delete(Path.Combine(fixture.Data, "log", tenant.Name + ".checkpoint"));
        await fixture.StartAsync();
        await PostAsync(platform, "goes-on");
        await CoveredAsync(tenant);

        using var client = fixture.Client(auditor);
        var shown = SignedNote.Parse(await client.GetStringAsync($"/log/{tenant.Name}/checkpoint"));
        Assert.Single(kept.Verify([key]));
        Assert.Single(shown.Verify([key]));
        var (old, now) = (Checkpoint.Parse(kept.Text), Checkpoint.Parse(shown.Text));
        Assert.Equal(old.Origin, now.Origin);
        var plan = ProofPlan.Consistency(old.Size, now.Size);
        var tiles = new Dictionary<TileId, byte[]>();
        foreach (var tile in plan.Tiles)
        {
            tiles[tile] = await client.GetByteArrayAsync($"/log/{tenant.Name}/{tile.Path}");
        }

        Assert.False(TreeProof.IsConsistent(old.Size, now.Size, old.Root, now.Root, plan.Hashes(t => tiles[t])));
    }

    [Fact]
    public async Task Key_and_memory_of_the_signer_are_for_their_owner_alone()
    {
        var tenant = await fixture.TenantAsync();
        await CoveredAsync(tenant);

        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in (string[])[Path.Combine(fixture.Data, "keys", "log.key"), Path.Combine(fixture.Data, "log", tenant.Name + ".checkpoint")])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private string Name => new NpgsqlConnectionStringBuilder(fixture.ConnectionString).Database!;

    private Task CoveredAsync(Tenant tenant) => TenantLogReader.CoveredAsync(fixture.ConnectionString, tenant.Name);

    private async Task<Guid> PostAsync(string key, string id)
    {
        using var client = fixture.Client(key);
        return (Guid)(await Tenant.PostAsync(client, Tenant.Attempt(id, "ann", "alpha", 0.5)))["receipts"]![0]!["eventId"]!;
    }

    private async Task<long> CheckpointAsync(Tenant tenant, string auditor) => (await new TenantLogReader(tenant, fixture.Client(auditor)).CheckpointAsync()).Size;

    private async Task<string> NoteAsync(Tenant tenant)
    {
        using var client = await tenant.ClientAsync(Scopes.AuditRead);
        return await client.GetStringAsync($"/log/{tenant.Name}/checkpoint");
    }

    private Task RefusedAsync(Tenant tenant) => Expectations.EventuallyAsync(
        async () => await fixture.AskAsync<long>($"select count(*) from tlog.finding where tenant = '{tenant.Name}' and kind = 'not-signed'") == 1, "the signer to refuse");

    private async Task CopyAsync(string from, string to)
    {
        NpgsqlConnection.ClearAllPools();
        var postgres = new NpgsqlConnectionStringBuilder(fixture.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        foreach (var sql in (string[])[$"drop database if exists \"{to}\" with (force)", $"create database \"{to}\" template \"{from}\""])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
