using System.Globalization;
using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Host;

public sealed class PrivateClusterRefusalTests
{
    [Fact]
    public async Task Without_binaries_and_npm_one_error_names_the_three_remedies()
    {
        using var directory = new TestDirectory();

        var refused = await Clusters.RefusesAsync(new PrivateClusterOptions { DataDirectory = directory.Data, Search = new BinarySearch([directory.Root], Npm: null) });

        Assert.Contains("install PostgreSQL 15 to 18", refused.Message);
        Assert.Contains("npm", refused.Message);
        Assert.Contains("ConnectionStrings__ledger", refused.Message);
    }

    [Fact]
    public async Task Binaries_too_old_are_named()
    {
        using var directory = new TestDirectory();
        var old = FakeBinaries(directory, 14);

        var refused = await Clusters.RefusesAsync(new PrivateClusterOptions { DataDirectory = directory.Data, Search = new BinarySearch([old], Npm: null) });

        Assert.Contains($"only PostgreSQL 14 ({old})", refused.Message);
        Assert.Contains("install PostgreSQL 15 to 18", refused.Message);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(17)]
    public async Task Data_of_another_major_version_names_both(int major)
    {
        using var directory = new TestDirectory();
        var data = Path.Combine(directory.Data, "postgres", "data");
        Directory.CreateDirectory(data);
        await ServerUser.GiveAsync(Environment.IsPrivilegedProcess ? "nobody" : null, data, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(data, "PG_VERSION"), major.ToString(CultureInfo.InvariantCulture) + "\n");

        var refused = await Clusters.RefusesAsync(new PrivateClusterOptions { DataDirectory = directory.Data, BinariesDirectory = FakeBinaries(directory, 15) });

        Assert.Contains($"is of PostgreSQL {major}", refused.Message);
        Assert.Contains("PostgreSQL 15 (", refused.Message);
    }

    [Fact]
    public async Task A_running_server_that_refuses_our_password_is_left_alone()
    {
        using var directory = new TestDirectory();
        await using var cluster = await directory.StartAsync();
        var file = Path.Combine(directory.Data, "postgres", "password");
        await File.WriteAllTextAsync(file, "another");

        var refused = await directory.RefusesAsync();

        Assert.Contains(file, refused.Message);
        Assert.Equal(1, await cluster.AskAsync("select 1"));
    }

    [Fact]
    public async Task A_lost_password_is_asked_for_and_not_replaced()
    {
        using var directory = new TestDirectory();
        await using (await directory.StartAsync()) { }
        var file = Path.Combine(directory.Data, "postgres", "password");
        File.Delete(file);

        var refused = await directory.RefusesAsync();

        Assert.Contains(file, refused.Message);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task A_copy_of_a_running_cluster_is_refused_and_the_original_named()
    {
        if (OperatingSystem.IsWindows()) return; // cp keeps owner and mode
        using var directory = new TestDirectory();
        await using var cluster = await directory.StartAsync();
        var copy = Path.Combine(directory.Root, "copy");
        await new Command("cp", "-a", directory.Data, copy).RunAsync(CancellationToken.None); // a file may vanish under it: never mind

        var refused = await Clusters.RefusesAsync(new PrivateClusterOptions { DataDirectory = copy });

        Assert.Contains(cluster.ClusterDirectory, refused.Message);
        Assert.Contains($"process {cluster.PostmasterPid}", refused.Message);
        Assert.Equal(1, await cluster.AskAsync("select 1"));
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_why()
    {
        using var directory = new TestDirectory();

        var refused = await Clusters.RefusesAsync(new PrivateClusterOptions
        {
            DataDirectory = directory.Data,
            ServerSettings = new Dictionary<string, string> { ["shared_buffers"] = "plenty" },
        });

        Assert.Contains("invalid value for parameter \"shared_buffers\"", refused.Message);
    }

    /// <summary>Three programs that know their version and nothing else.</summary>
    private static string FakeBinaries(TestDirectory directory, int major)
    {
        var folder = Path.Combine(directory.Root, "bin");
        PrivateFiles.MakeOpenFolder(folder);
        foreach (var name in new[] { "postgres", "initdb", "pg_ctl" })
        {
            var program = Path.Combine(folder, name);
            File.WriteAllText(program, $"#!/bin/sh\necho '{name} (PostgreSQL) {major}.1'\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, File.GetUnixFileMode(folder));
        }

        return folder;
    }
}
