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
}
