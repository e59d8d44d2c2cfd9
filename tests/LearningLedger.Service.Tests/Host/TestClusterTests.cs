using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Host;

public sealed class TestClusterTests
{
    [Fact]
    public async Task Every_database_handed_out_is_new_and_empty()
    {
        await using var first = NpgsqlDataSource.Create(await TestCluster.CreateDatabaseAsync("mine"));
        await using var second = NpgsqlDataSource.Create(await TestCluster.CreateDatabaseAsync("mine"));

        await using (var make = first.CreateCommand("create table seen (n int)")) await make.ExecuteNonQueryAsync();

        await using var count = second.CreateCommand("select count(*) from pg_tables where schemaname = 'public'");
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_killed_test_run_leaves_no_cluster_behind()
    {
        if (!OperatingSystem.IsLinux()) return; // elsewhere the next run sweeps
        using var directory = new TestDirectory();
        await using var run = await HolderProcess.StartAsync(directory, watched: true);

        await run.KillAsync();

        await Processes.GoneAsync(run.PostmasterPid);
        Assert.True(await Until.HoldsAsync(() => !Directory.Exists(directory.Data), TimeSpan.FromSeconds(30), CancellationToken.None));
    }

    [Fact]
    public async Task The_next_run_sweeps_what_a_killed_one_left_and_nothing_of_one_that_runs()
    {
        var hourAgo = DateTime.UtcNow.AddHours(-1);
        var left = Directory.CreateTempSubdirectory("learningledger-tests-").FullName;
        Directory.SetLastWriteTimeUtc(left, hourAgo);
        using var running = new TestDirectory();
        await using var cluster = await running.StartAsync();
        Directory.SetLastWriteTimeUtc(running.Root, hourAgo);

        TestDirectory.SweepLeft();

        Assert.False(Directory.Exists(left));
        Assert.Equal(1, await cluster.AskAsync("select 1"));
    }
}
