using System.Globalization;
using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Host;

public sealed class PrivateClusterCrashTests
{
    [Fact]
    public async Task The_server_of_a_killed_service_is_taken_over()
    {
        using var directory = new TestDirectory();
        await using var killed = await HolderProcess.StartAsync(directory);
        await killed.KillAsync();
        List<string> said = [];

        await using var cluster = await directory.StartAsync(said.Add);

        Assert.Equal(killed.PostmasterPid, cluster.PostmasterPid);
        Assert.Equal(1, await cluster.AskAsync("select 1"));
        Assert.Contains(said, sentence => sentence.StartsWith("Taking over", StringComparison.Ordinal));
        await cluster.StopAsync(CancellationToken.None);
        await Processes.GoneAsync(cluster.PostmasterPid);
    }

    [Fact]
    public async Task The_server_has_a_session_of_its_own_so_that_Ctrl_C_does_not_reach_it()
    {
        if (!OperatingSystem.IsLinux()) return; // only there can it be read
        using var directory = new TestDirectory();
        await using var cluster = await directory.StartAsync();

        // After the name in brackets: state, parent, process group, session.
        var fields = (await File.ReadAllTextAsync($"/proc/{cluster.PostmasterPid}/stat")).Split(") ")[^1].Split(' ');

        Assert.Equal([cluster.PostmasterPid, cluster.PostmasterPid], fields[2..4].Select(field => int.Parse(field, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_killed_server_is_recovered_with_everything_that_was_committed()
    {
        using var directory = new TestDirectory();
        var killed = await directory.StartAsync();
        await killed.AskAsync("create table kept as select g as n from generate_series(1, 1000) g");
        // A child busy while its postmaster dies: it still has the shared memory when the next start comes.
        var busy = killed.AskAsync("/* busy */ select count(*) from generate_series(1, 50000) a, generate_series(1, 50000) b");
        const string Started = "select count(*) from pg_stat_activity where state = 'active' and query like '/* busy%'";
        while (await killed.AskAsync(Started) is 0L) Assert.False(busy.IsCompleted);
        await Processes.KillAsync(killed.PostmasterPid);

        await using var cluster = await directory.StartAsync();

        Assert.NotEqual(killed.PostmasterPid, cluster.PostmasterPid);
        Assert.Equal(1000L, await cluster.AskAsync("select count(*) from kept"));
        await Record.ExceptionAsync(() => busy);
    }

    [Fact]
    public async Task A_process_id_that_went_to_another_program_does_not_stand_in_the_way()
    {
        using var directory = new TestDirectory();
        var first = await directory.StartAsync();
        var file = Postmaster.FileOf(first.ClusterDirectory);
        var lines = await File.ReadAllLinesAsync(file);
        await first.StopAsync(CancellationToken.None);
        lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(file, lines);

        await using var second = await directory.StartAsync();

        Assert.Equal(1, await second.AskAsync("select 1"));
    }

    [Fact]
    public async Task A_start_broken_off_while_it_makes_the_cluster_leaves_nothing_in_the_way()
    {
        using var directory = new TestDirectory();
        using var broken = new CancellationTokenSource();
        var start = PrivateCluster.StartAsync(new PrivateClusterOptions { DataDirectory = directory.Data }, _ => { }, broken.Token);
        // As soon as initdb has written something.
        Assert.True(await Until.HoldsAsync(
            () => Directory.GetFiles(directory.Data, "PG_VERSION", SearchOption.AllDirectories).Length > 0, TimeSpan.FromSeconds(30), default));
        await broken.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(directory.Data, "postgres"), "data.new-*"));

        await using var cluster = await directory.StartAsync();

        Assert.Equal(1, await cluster.AskAsync("select 1"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(directory.Data, "postgres"), "data.new-*"));
    }
    [Fact]
    public async Task What_a_broken_off_start_has_left_is_swept_though_a_program_of_it_still_writes_there()
    {
        using var directory = new TestDirectory();
        var home = Directory.CreateDirectory(Path.Combine(directory.Data, "postgres")).FullName;
        var left = Directory.CreateDirectory(Path.Combine(home, "data.new-left")).FullName;
        using var ending = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var i = 0; !ending.IsCancellationRequested && Directory.Exists(left); i++)
            {
                try
                {
                    File.WriteAllText(Path.Combine(left, $"{i}"), "written late");
                }
                catch (DirectoryNotFoundException)
                {
                    // Swept.
                }
            }
        });

        // It is said right before the sweep, so that the program outlives the first look.
        await using var cluster = await directory.StartAsync(said =>
        {
            if (said.StartsWith("Making", StringComparison.Ordinal)) ending.CancelAfter(TimeSpan.FromMilliseconds(300));
        });

        await writing;
        Assert.Empty(Directory.GetFileSystemEntries(home, "data.new-*"));
    }
}
