using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Store;

public sealed class ConnectionTests
{
    [Fact]
    public async Task PostgreSQL_soon_misses_a_service_whose_machine_is_gone()
    {
        await using var database = Database.Open(await TestCluster.CreateDatabaseAsync("missed"));

        Assert.Equal(
            "10 5 2 20000",
            await database.AskAsync<string>(
                "select string_agg(setting, ' ' order by array_position(array['tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout'], name)) from pg_settings where name like 'tcp%'"));
    }

    [Fact]
    public async Task What_an_operator_sets_for_sessions_stays_as_it_is()
    {
        await using var database = Database.Open(
            new NpgsqlConnectionStringBuilder(await TestCluster.CreateDatabaseAsync("sessions")) { Options = "-c statement_timeout=77s" }.ConnectionString);

        Assert.Equal("77s", await database.AskAsync<string>("show statement_timeout"));
    }
}
