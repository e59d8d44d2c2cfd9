using LearningLedger.Service.Tests.Fixtures;
using Marten.Events.Daemon.Coordination;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

public sealed class ShardRevivalTests
{
    /// <summary>The daemon ends a projection that fails by cancelling what that reads; the cancellation is then reported too, as if it were the failure.</summary>
    [Theory]
    [InlineData("single")]
    [InlineData("several")]
    public async Task Projections_go_on_whose_failure_is_followed_by_the_cancellation_of_what_they_were_reading(string nodes)
    {
        await using var service = new LedgerFixture(new() { ["Ledger:Nodes"] = nodes });
        await service.InitializeAsync();
        using var client = service.Client(service.Bootstrap.ToString());
        await Frameworks.PublishDueAsync(client);
        await Tenant.PostAsync(client, Tenant.Attempt("e-1", "s-1", "alpha", 0.9));
        await Ledger.AwardedAsync(service.ConnectionString, 2);
        foreach (var daemon in await service.Ledger.App.Services.GetRequiredService<IProjectionCoordinator>().AllDaemonsAsync())
        {
            foreach (var agent in daemon.CurrentAgents())
            {
                await agent.ReportCriticalFailureAsync(new NpgsqlException("No connection."));
                await agent.ReportCriticalFailureAsync(new TaskCanceledException());
            }
        }

        await Tenant.PostAsync(client, Tenant.Attempt("e-2", "s-2", "alpha", 0.9));
        await Ledger.AwardedAsync(service.ConnectionString, 4);
    }
}
