using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

public sealed class SuspendedServiceTests
{
    [Fact]
    public async Task A_service_that_was_suspended_and_wakes_up_neither_stops_what_another_has_taken_over_nor_does_it_twice()
    {
        await using var two = await TwoServices.StartAsync();
        var (leader, follower) = await two.AtWorkAsync();
        await two.PostAsync(leader, "ann");
        await two.ProjectedAsync(attempts: 1, awards: 2);

        follower.Signal(ServiceProcess.Suspend);
        await two.PostAsync(leader, "bob");
        await two.ProjectedAsync(attempts: 2, awards: 4);
        follower.Signal(ServiceProcess.GoOn);

        await two.AtWorkAsync();
        await two.PostAsync(follower, "cem");
        await two.ProjectedAsync(attempts: 3, awards: 6);
        Assert.Equal(0, await leader.StopAsync());
        Assert.Equal(0, await follower.StopAsync());
    }

    [Fact]
    public async Task A_leader_that_was_suspended_in_a_transaction_holds_up_the_other_only_for_a_while()
    {
        await using var two = await TwoServices.StartAsync();
        var (leader, follower) = await two.AtWorkAsync();
        await using var idle = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(two.Place.ConnectionString) { ApplicationName = Database.Name, Pooling = false }.ConnectionString);
        await idle.OpenAsync();
        await two.PostAsync(leader, "ann");
        await two.ProjectedAsync(attempts: 1, awards: 2);
        await using (var progress = await two.HoldProgressAsync())
        {
            await two.PostAsync(follower, "bob");
            await progress.IsWantedAsync(sessions: 2);
            leader.Signal(ServiceProcess.Suspend);
        }

        // Its session has the rows now, and it does not commit.
        await two.PostAsync(follower, "cem");
        await two.ProjectedAsync(attempts: 3, awards: 6);
        leader.Signal(ServiceProcess.GoOn);

        // One that holds nothing is let live.
        await using (var ask = new NpgsqlCommand("select 1", idle))
        {
            Assert.Equal(1, await ask.ExecuteScalarAsync());
        }

        await two.AtWorkAsync();
        await two.PostAsync(leader, "dan");
        await two.ProjectedAsync(attempts: 4, awards: 8);
        Assert.Equal(0, await leader.StopAsync());
        Assert.Equal(0, await follower.StopAsync());
    }
}
