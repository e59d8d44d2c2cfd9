using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>A newer build comes while an older one runs, which is played by this one on a database that lacks its last script.</summary>
public sealed class UpgradeTests
{
    [Theory]
    [InlineData("single")]
    [InlineData("several")]
    public async Task The_schema_is_left_alone_while_a_service_runs_that_does_not_know_what_is_to_change(string nodes)
    {
        using var place = await Place.WithDatabaseAsync();
        using var newer = place.Beside();
        place.Settings["Ledger__Nodes"] = newer.Settings["Ledger__Nodes"] = nodes;
        await using (var older = await place.StartAsync())
        {
            Assert.Equal(0, await AskAsync("set session_replication_role = replica; delete from ledger.schema_migration where number = (select max(number) from ledger.schema_migration); select 0"));
            var scripts = await ScriptsAsync();

            await using var service = newer.Run("--urls", "http://127.0.0.1:0");
            await using var verb = newer.Run("migrate");

            Assert.Equal((1, 1), (await service.EndedAsync(), await verb.EndedAsync()));
            Assert.Contains(nodes == "single" ? "Another LearningLedger service" : "Stop every service first", service.Output, StringComparison.Ordinal);
            Assert.Contains("Stop every service first", verb.Output, StringComparison.Ordinal);
            Assert.Equal(scripts, await ScriptsAsync());
            Assert.Equal(0, await older.StopAsync());
        }

        await using var last = newer.Run("migrate");

        Assert.True(await last.EndedAsync() == 0, last.Output);
        await using var upgraded = await newer.StartAsync();
        await using var again = newer.Run("migrate"); // nothing is to change any more
        Assert.True(await again.EndedAsync() == 0, again.Output);

        Task<int> AskAsync(string sql) => Ledger.AskAsync<int>(place.ConnectionString, sql);

        Task<int> ScriptsAsync() => AskAsync("select count(*)::int from ledger.schema_migration");
    }
}
