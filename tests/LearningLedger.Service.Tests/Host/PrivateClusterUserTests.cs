using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Host;

public sealed class PrivateClusterUserTests
{
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task An_ordinary_user_runs_the_server_as_himself()
    {
        using var directory = new TestDirectory();
        var user = Environment.IsPrivilegedProcess ? "nobody" : null;
        await ServerUser.GiveAsync(user, directory.Data, CancellationToken.None);

        await using var holder = await HolderProcess.StartAsync(directory, user);

        var owner = await new Command("ps", "-o", "user=", "-p", $"{holder.PostmasterPid}").MustRunAsync(CancellationToken.None);
        Assert.Equal(user ?? Environment.UserName, owner);
    }

    [Fact]
    public async Task A_data_directory_closed_to_the_servers_user_gets_its_cluster_outside()
    {
        if (OperatingSystem.IsWindows()) return; // no server user there
        using var directory = new TestDirectory();
        File.SetUnixFileMode(directory.Data, Closed);
        List<string> said = [];
        var first = await directory.StartAsync(said.Add);
        await first.AskAsync("create table kept as select 42 as n");
        await first.StopAsync(CancellationToken.None);

        await using var second = await directory.StartAsync();

        Assert.Equal(first.ClusterDirectory, second.ClusterDirectory);
        Assert.Equal(42, await second.AskAsync("select n from kept"));
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.StartsWith(directory.Data, second.ClusterDirectory, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith("/var/lib/learningledger/", second.ClusterDirectory, StringComparison.Ordinal);
        Assert.Equal(Path.GetDirectoryName(second.ClusterDirectory), await File.ReadAllTextAsync(Path.Combine(directory.Data, "postgres", "location")));
        Assert.Contains(said, sentence => sentence.Contains("/var/lib/learningledger/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_moved_data_directory_takes_its_cluster_along_and_a_copied_one_does_not()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return; // else nothing lies outside
        using var directory = new TestDirectory();
        File.SetUnixFileMode(directory.Data, Closed);
        var first = await directory.StartAsync();
        await first.StopAsync(CancellationToken.None);
        var moved = Path.Combine(directory.Root, "moved");
        Directory.Move(directory.Data, moved);

        await using (var second = await Clusters.StartAsync(new PrivateClusterOptions { DataDirectory = moved }))
            Assert.Equal(first.ClusterDirectory, second.ClusterDirectory);
        await new Command("cp", "-a", moved, directory.Data).MustRunAsync(CancellationToken.None);

        Assert.Contains(moved, (await directory.RefusesAsync()).Message);
    }

    [Fact]
    public async Task Who_deletes_the_data_directory_begins_anew_and_the_old_cluster_is_kept_aside()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return; // else the cluster is deleted with it
        using var directory = new TestDirectory();
        File.SetUnixFileMode(directory.Data, Closed);
        var old = await directory.StartAsync();
        await old.AskAsync("create table kept as select 42 as n");
        Directory.Delete(directory.Data, recursive: true);
        Directory.CreateDirectory(directory.Data, Closed);
        List<string> said = [];

        await using var anew = await directory.StartAsync(said.Add);

        Assert.Equal(0L, await anew.AskAsync("select count(*) from pg_tables where tablename = 'kept'"));
        await Processes.GoneAsync(old.PostmasterPid);
        var home = Path.GetDirectoryName(old.ClusterDirectory)!;
        var aside = Assert.Single(Directory.GetDirectories(Path.GetDirectoryName(home)!, Path.GetFileName(home) + ".2*"));
        Assert.Contains(said, sentence => sentence.Contains(aside, StringComparison.Ordinal));
        Directory.Delete(aside, recursive: true);
    }
}
