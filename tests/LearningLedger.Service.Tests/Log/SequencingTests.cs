using System.Net;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

public sealed class SequencingTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Posted_and_decided_events_are_logged_once_each_in_the_order_of_their_streams()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.WithPeakAsync("ann");
        await room.AttemptAsync("bob", "alpha", 0.5);

        var leaves = await (await TenantLogReader.OfAsync(room.Tenant)).ShouldHoldEverythingAsync();

        Assert.All(leaves.OfType<EventLeaf>(), l => Assert.Equal((room.Tenant.Name, PayloadEncoding.Jcs, EventLeafKind.Event), (l.Tenant, l.Encoding, l.Kind)));
        Assert.Contains(leaves.OfType<EventLeaf>(), l => l.Type == "framework.published");
        Assert.Contains(leaves.OfType<EventLeaf>(), l => l.Type == "milestone.awarded");
    }

    [Fact]
    public async Task More_than_a_page_at_once_is_logged_and_served_in_tiles()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(client, [.. Enumerable.Range(0, Limits.LeavesPerCommit + 700).Select(i => Tenant.Attempt($"{i}", $"s{i % 97}", "alpha", 0.5))]);
        var log = await TenantLogReader.OfAsync(tenant);

        await log.ShouldHoldEverythingAsync();

        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        using var full = await auditor.GetAsync($"/log/{tenant.Name}/tile/0/000");
        await full.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(TileId.FullWidth * TreeHash.Size, (await full.Content.ReadAsByteArrayAsync()).Length);
        Assert.Contains("immutable", full.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(3 * TreeHash.Size, (await auditor.GetByteArrayAsync($"/log/{tenant.Name}/tile/0/001.p/3")).Length);
        using var beyond = await auditor.GetAsync($"/log/{tenant.Name}/tile/0/999");
        await beyond.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Only_an_auditor_of_the_tenant_reads_its_log()
    {
        var tenant = await fixture.TenantAsync();
        var other = await fixture.TenantAsync();
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        using var reader = await tenant.ClientAsync(Scopes.TranscriptsRead);
        using var stranger = await other.ClientAsync(Scopes.AuditRead);
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();

        foreach (var path in (string[])["checkpoint", "key", "tile/entries/000.p/1"])
        {
            using var served = await auditor.GetAsync($"/log/{tenant.Name}/{path}");
            await served.ShouldBeAsync(HttpStatusCode.OK);
            using var scope = await reader.GetAsync($"/log/{tenant.Name}/{path}");
            await scope.ShouldBeAsync(HttpStatusCode.Forbidden);
            using var foreign = await stranger.GetAsync($"/log/{tenant.Name}/{path}");
            await foreign.ShouldBeAsync(HttpStatusCode.NotFound);
            using var nobody = await fixture.Client(null).GetAsync($"/log/{tenant.Name}/{path}");
            await nobody.ShouldBeAsync(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task A_commit_that_comes_late_and_numbers_never_used_leave_nothing_out()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5));
        var log = await TenantLogReader.OfAsync(tenant);
        await log.CoveredAsync();
        var before = (await log.CheckpointAsync()).Size;

        await using var connection = await fixture.Database().OpenConnectionAsync();
        await using (var late = await connection.BeginTransactionAsync())
        {
            // Takes its number now, is seen after others with higher ones.
            var stream = await Rows.AppendAsync(connection, tenant.Name);
            await using (var gone = await fixture.Database().OpenConnectionAsync())
            await using (var transaction = await gone.BeginTransactionAsync())
            {
                await Rows.AppendAsync(gone, tenant.Name);
                await transaction.RollbackAsync();
            }

            await Tenant.PostAsync(client, Tenant.Attempt("2", "ann", "alpha", 0.5));
            await log.CoveredAsync();
            Assert.DoesNotContain((await log.LeavesAsync()).OfType<EventLeaf>(), l => l.Stream == stream);
            await late.CommitAsync();
        }

        var leaves = await log.ShouldHoldEverythingAsync();
        Assert.Equal(before + 2, leaves.Count - leaves.OfType<HeadsLeaf>().Count());
    }

    [Fact]
    public async Task Rows_that_come_by_COPY_are_logged()
    {
        var tenant = await fixture.TenantAsync();
        await using (var connection = await fixture.Database().OpenConnectionAsync())
        {
            await Rows.CopyAsync(connection, tenant.Name, 300);
        }

        var leaves = await (await TenantLogReader.OfAsync(tenant)).ShouldHoldEverythingAsync();

        Assert.True(leaves.Count > 300);
    }

    [Fact]
    public async Task A_row_whose_numbers_no_double_holds_is_logged_as_text()
    {
        var tenant = await fixture.TenantAsync();
        await using (var connection = await fixture.Database().OpenConnectionAsync())
        {
            await Rows.AppendAsync(connection, tenant.Name, """{"skill": "alpha", "score": 0.10000000000000000001}""");
        }

        var leaves = await (await TenantLogReader.OfAsync(tenant)).ShouldHoldEverythingAsync();

        Assert.Single(leaves.OfType<EventLeaf>(), l => l.Encoding == PayloadEncoding.PgText);
    }

    [Fact]
    public async Task An_event_noted_twice_is_logged_once()
    {
        var tenant = await fixture.TenantAsync();
        var log = await TenantLogReader.OfAsync(tenant);
        await log.CoveredAsync();
        await fixture.DoAsync($"insert into tlog.pending (tenant_id, seq_id) select tenant_id, seq_id from ledger.mt_events where tenant_id = '{tenant.Name}'");

        await log.ShouldHoldEverythingAsync();
    }

    [Fact]
    public async Task Readiness_tells_how_far_the_log_is()
    {
        var tenant = await fixture.TenantAsync();
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
        using var client = fixture.Client(null);

        var ready = await (await client.GetAsync("/health/ready")).JsonAsync();

        Assert.NotNull(ready["log"]!["pending"]);
        Assert.NotNull(ready["log"]!["findings"]);
    }
}
