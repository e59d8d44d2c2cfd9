using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;

namespace LearningLedger.Service.Tests.Store;

public sealed class TableStatisticsTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task PostgreSQL_looks_at_the_events_soon_after_many_came_at_once()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        // Had PostgreSQL looked by itself between the posts, nobody would have had to ask it.
        await fixture.DoAsync("alter table ledger.mt_events set (autovacuum_enabled = false)");
        Assert.False(await LookedAtAsync());

        for (var part = 0; part < 3; part++)
        {
            await Tenant.PostAsync(client, [.. Enumerable.Range(0, 4_500).Select(i => Tenant.Attempt($"{part}-{i}", $"learner-{i % 50}", "alpha", 0.5))]);
        }

        await Expectations.EventuallyAsync(LookedAtAsync, "statistics of the events");
    }

    /// <summary>Whether somebody asked for it: what PostgreSQL does by itself is counted elsewhere.</summary>
    private Task<bool> LookedAtAsync() => fixture.AskAsync<bool>("select analyze_count > 0 from pg_stat_user_tables where schemaname = 'ledger' and relname = 'mt_events'");
}
