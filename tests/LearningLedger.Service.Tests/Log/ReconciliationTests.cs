using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Log;

public sealed class ReconciliationTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private Reconciliation Reconciliation => fixture.Ledger.App.Services.GetRequiredService<Reconciliation>();

    [Fact]
    public async Task The_stream_for_tombstones_of_lost_races_is_no_gap_but_a_stream_without_its_last_event_is()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ann", "alpha", 0.5);
        await TenantLogReader.CoveredAsync(fixture.ConnectionString, room.Tenant.Name);

        // As Marten does when a decision lost its race.
        await fixture.DoAsync($"insert into ledger.mt_streams (id, tenant_id, version, is_archived) values (gen_random_uuid(), '{room.Tenant.Name}', 0, false)");
        var harmless = await Reconciliation.ReconcileAsync(room.Tenant.Name, default);
        await fixture.DoAsync($"insert into ledger.mt_streams (id, tenant_id, version, is_archived) values (gen_random_uuid(), '{room.Tenant.Name}', 1, false)");
        var cut = await Reconciliation.ReconcileAsync(room.Tenant.Name, default);

        Assert.Empty(harmless);
        Assert.Equal(["version-gap"], cut.Select(f => f.Kind));
    }
}
