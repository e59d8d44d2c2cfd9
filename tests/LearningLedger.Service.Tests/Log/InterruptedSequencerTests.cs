using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Log;

/// <summary>The sequencer, cut off from the database at each of its steps: nothing is missed, nothing is logged twice.</summary>
public sealed class InterruptedSequencerTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    /// <summary>Every table it writes, in the order in which it does; the last is the end of the transaction itself.</summary>
    [Theory]
    [InlineData("tlog.pending", "after delete", "for each row", "")]
    [InlineData("tlog.entry", "before insert", "for each row", "")]
    [InlineData("tlog.entry", "after insert", "for each statement", "")]
    [InlineData("tlog.tile", "before insert or update", "for each row", "")]
    [InlineData("tlog.log", "before update of size", "for each row", "")]
    [InlineData("tlog.log", "before update of checkpoint", "for each row", "")]
    [InlineData("tlog.entry", "after insert", "deferrable initially deferred for each row", "constraint")]
    public async Task It_carries_on_after_its_connection_was_killed(string table, string moment, string each, string kind)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var log = await TenantLogReader.OfAsync(tenant);
        await log.CoveredAsync();
        await fixture.DoAsync(
            $"""
            create function kill_me() returns trigger language plpgsql as $kill$
            begin
              perform pg_terminate_backend(pg_backend_pid());
              perform pg_sleep(10);
              return null;
            end
            $kill$;
            create {kind} trigger kill_me {moment} on {table} {each} execute function kill_me();
            """);
        try
        {
            await Tenant.PostAsync(client, [.. Enumerable.Range(0, 300).Select(i => Tenant.Attempt($"{i}", $"s{i % 7}", "alpha", 0.5))]);
            var sequencer = fixture.Ledger.App.Services.GetRequiredService<Sequencer>();
            await Expectations.EventuallyAsync(async () => await IsKilledAsync(() => sequencer.AdvanceAsync(tenant.Name, default)), "the sequencer to be killed");
        }
        finally
        {
            await fixture.DoAsync($"drop trigger kill_me on {table}; drop function kill_me()");
        }

        var leaves = await log.ShouldHoldEverythingAsync();

        Assert.True(leaves.Count > 300);
        Assert.Empty(await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(tenant.Name, default));
    }

    [Fact]
    public async Task What_was_said_of_a_signer_that_refused_before_a_restart_is_over_once_it_signs()
    {
        var tenant = await fixture.TenantAsync();
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
        await using var connection = await fixture.Database().OpenConnectionAsync();
        await Finding.KeepAsync(connection, [Finding.NotSigned(tenant.Name, "the disk was full"), Finding.Altered(tenant.Name, "seen by an audit")], default);
        var restarted = ActivatorUtilities.CreateInstance<Sequencer>(fixture.Ledger.App.Services, new LogWriter());

        await restarted.SignAsync(connection, (await TenantLog.FindAsync(connection, tenant.Name, default))!, default);

        Assert.Equal([Finding.AlteredKind], (await Finding.ReadAsync(connection, tenant.Name, default)).Select(f => f.Kind));
    }

    [Fact]
    public async Task Many_sequencers_at_once_log_each_event_once()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        using var stop = new CancellationTokenSource();
        var services = fixture.Ledger.App.Services;
        var others = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var own = ActivatorUtilities.CreateInstance<Sequencer>(services, new LogWriter());
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await own.AdvanceAsync(tenant.Name, default);
                }
                catch (LogMovedException)
                {
                    // Somebody else was quicker.
                }
            }
        })).ToList();
        for (var i = 0; i < 40; i++)
        {
            await Tenant.PostAsync(client, [.. Enumerable.Range(0, 20).Select(e => Tenant.Attempt($"{i}-{e}", $"s{e}", "alpha", 0.5))]);
        }

        var log = await TenantLogReader.OfAsync(tenant);
        await log.CoveredAsync();
        await stop.CancelAsync();
        await Task.WhenAll(others);

        await log.ShouldHoldEverythingAsync();
        Assert.Empty(await services.GetRequiredService<Reconciliation>().ReconcileAsync(tenant.Name, default));
    }

    private static async Task<bool> IsKilledAsync(Func<Task> step)
    {
        try
        {
            await step();
            return false;
        }
        catch (Npgsql.NpgsqlException)
        {
            return true;
        }
    }
}
