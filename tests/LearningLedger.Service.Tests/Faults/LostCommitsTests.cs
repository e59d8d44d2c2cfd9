using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Xapi;

namespace LearningLedger.Service.Tests.Faults;

public sealed class LostCommitsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_learner_whom_the_service_remembers_and_the_database_has_lost_is_registered_anew(bool byStatements)
    {
        using var place = await Place.WithDatabaseAsync();
        await using var service = await place.StartAsync();
        using var client = service.Client(place.Key);
        client.DefaultRequestHeaders.Add("X-Experience-API-Version", "2.0.0");
        Task PostAsync(string id) => byStatements ? client.StoredAsync(XapiClient.Statement()) : Tenant.PostAsync(client, Tenant.Attempt(id, "ann", "linux-fundamentals", 0.9));
        await PostAsync("1");

        // As on a standby that lacked the last commits and was promoted.
        await Ledger.AskAsync<string>(
            place.ConnectionString,
            """
            set session_replication_role = replica;
            delete from registry.identity; delete from vault.learner_key; delete from ledger.mt_events where stream_id in (select id from ledger.mt_streams where type = 'learner');
            delete from ledger.mt_streams where type = 'learner'; select 'lost'
            """);
        await PostAsync("2");

        Assert.Equal(
            "learner.registered",
            await Ledger.AskAsync<string>(
                place.ConnectionString, "select e.type from ledger.mt_events e join ledger.mt_streams s on s.id = e.stream_id where s.type = 'learner' and e.version = 1"));
        Assert.Equal(0, await service.StopAsync());
    }
}
