using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Host;

public sealed class PrivateClusterTests
{
    [Fact]
    public async Task A_fresh_start_makes_a_durable_UTF8_UTC_database_that_answers()
    {
        using var directory = new TestDirectory();
        List<string> said = [];
        await using var cluster = await directory.StartAsync(said.Add);

        Assert.Equal("ledger UTF8 UTC on on scram-sha-256", await cluster.AskAsync(
            """
            select concat_ws(' ', current_database(), current_setting('server_encoding'), current_setting('timezone'), current_setting('fsync'),
                             current_setting('data_checksums'), current_setting('password_encryption'))
            """));
        Assert.Equal(cluster.PostmasterPid, Postmaster.Read(cluster.ClusterDirectory)!.Pid);
        var password = new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Password!;
        Assert.DoesNotContain(said, sentence => sentence.Contains(password, StringComparison.Ordinal));
        Assert.DoesNotContain(password, await File.ReadAllTextAsync(Path.Combine(cluster.ClusterDirectory, "server.log")));
        var files = Directory.GetFiles(directory.Data, "*", SearchOption.AllDirectories);
        var secret = Assert.Single(files, file => Path.GetFileName(file) is "password" && File.ReadAllText(file) == password);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
    }

    [Fact]
    public async Task Only_loopback_and_only_with_the_password()
    {
        using var directory = new TestDirectory();
        await using var cluster = await directory.StartAsync();

        var wrong = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Password = "guessed", Pooling = false };
        await using var guess = new NpgsqlConnection(wrong.ConnectionString);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await Assert.ThrowsAsync<PostgresException>(() => guess.OpenAsync())).SqlState);
        Assert.Equal("", await cluster.AskAsync("show unix_socket_directories"));
        Assert.Equal("scram-sha-256", await cluster.AskAsync("select string_agg(distinct auth_method, ' ') from pg_hba_file_rules"));
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(end => end.Port == cluster.Port());
        Assert.Equal([IPAddress.Loopback], listening.Select(end => end.Address));
    }

    [Fact]
    public async Task Settings_reach_the_server_but_cannot_open_it()
    {
        using var directory = new TestDirectory();
        await using var cluster = await Clusters.StartAsync(new PrivateClusterOptions
        {
            DataDirectory = directory.Data,
            ServerSettings = new Dictionary<string, string> { ["max_connections"] = "33", ["application_name"] = @"it's a \", ["listen_addresses"] = "*" },
        });

        Assert.Equal(@"33 it's a \ 127.0.0.1", await cluster.AskAsync(
            "select concat_ws(' ', current_setting('max_connections'), current_setting('application_name'), current_setting('listen_addresses'))"));
    }

    [Fact]
    public async Task Data_and_port_are_the_same_after_a_stop()
    {
        using var directory = new TestDirectory();
        var first = await directory.StartAsync();
        await first.AskAsync("create table kept as select 42 as n");
        await first.StopAsync(CancellationToken.None);
        await Processes.GoneAsync(first.PostmasterPid);
        await first.StopAsync(CancellationToken.None); // a second stop finds nothing to do

        await using var second = await directory.StartAsync();

        Assert.Equal(42, await second.AskAsync("select n from kept"));
        Assert.Equal(first.ConnectionString, second.ConnectionString);
    }

    [Fact]
    public async Task A_port_taken_by_another_program_is_replaced_for_good()
    {
        using var directory = new TestDirectory();
        var first = await directory.StartAsync();
        await first.StopAsync(CancellationToken.None);
        List<string> said = [];
        using (var other = new TcpListener(IPAddress.Loopback, first.Port()))
        {
            other.Start();
            await using var moved = await directory.StartAsync(said.Add);
            Assert.NotEqual(first.Port(), moved.Port());
            Assert.Contains(said, sentence => sentence.Contains($"Port {first.Port()}", StringComparison.Ordinal));
            first = moved;
        }

        await using var third = await directory.StartAsync();
        Assert.Equal(first.Port(), third.Port());
    }

    [Fact]
    public async Task A_path_may_hold_spaces_quotes_and_dollars()
    {
        using var directory = new TestDirectory("Müller's \"own\" $HOME data");
        await using var cluster = await directory.StartAsync();

        Assert.Equal(cluster.ClusterDirectory, await cluster.AskAsync("show data_directory"));
    }

    [Fact]
    public async Task A_relative_path_through_a_link_is_the_directory_it_points_to()
    {
        using var directory = new TestDirectory();
        var link = Path.Combine(directory.Root, "link");
        Directory.CreateSymbolicLink(link, directory.Data);
        var first = await directory.StartAsync();

        await using var same = await Clusters.StartAsync(
            new PrivateClusterOptions { DataDirectory = Path.GetRelativePath(Environment.CurrentDirectory, link) });

        Assert.Equal(first.PostmasterPid, same.PostmasterPid);
    }
}
