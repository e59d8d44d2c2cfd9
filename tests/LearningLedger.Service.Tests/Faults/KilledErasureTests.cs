using System.Text.Json.Nodes;
using LearningLedger.Service.Tests.Erasure;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>The service killed while it erases a learner: afterwards all of it is done or nothing, and it can be asked again.</summary>
public sealed class KilledErasureTests
{
    private const int Gate = 20_261_124;

    /// <summary>The steps of the transaction in their order. Once the commit was sent, the database completes it whatever becomes of the service.</summary>
    private static readonly (string Moment, bool IsDone)[] Steps =
    [
        ("trigger stop after insert on ledger.mt_events for each row when (new.type = 'learner.erased')", false),
        ("trigger stop after update on ledger.mt_events for each row", false),
        ("trigger stop after insert on registry.erasure for each row", false),
        ("trigger stop after delete on registry.identity for each row", false),
        ("trigger stop after delete on vault.learner_key for each row", false),
        ("constraint trigger stop after insert on registry.erasure deferrable initially deferred for each row", true),
    ];

    [Fact]
    public async Task An_erasure_during_which_the_service_is_killed_is_done_or_not_and_can_be_asked_for_again()
    {
        using var place = await Place.WithDatabaseAsync();
        var service = await place.StartAsync();
        try
        {
            await using var database = NpgsqlDataSource.Create(place.ConnectionString);
            for (var step = 0; step < Steps.Length; step++)
            {
                using var client = service.Client(place.Key);
                var learner = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt($"{step}", $"s{step}", "linux-fundamentals", 0.5)))["receipts"]![0]!["learner"]!;
                await LoggedAsync(place);

                await KillAtAsync(database, service, client, learner, Steps[step].Moment);

                await service.DisposeAsync();
                service = await place.StartAsync();
                using var again = service.Client(place.Key);
                Assert.Equal(Steps[step].IsDone ? Erased : Whole, await StateAsync(database, learner));
                Assert.Equal(Steps[step].IsDone, JsonNode.Parse(await again.GetStringAsync($"/v1/learners/{learner}/transcript"))!["erasedSince"] is not null);
                Assert.Equal("[]", await FindingsAsync(again));

                var answer = (await again.EraseAsync(learner)).ToJsonString();
                Assert.Equal(answer, (await again.EraseAsync(learner)).ToJsonString());
                Assert.Equal(Erased, await StateAsync(database, learner));
            }

            await LoggedAsync(place);
            using var last = service.Client(place.Key);
            Assert.Equal("[]", await FindingsAsync(last));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static readonly (long Content, long Keys, long Identities, long Erasures, long Events) Whole = (2, 1, 1, 0, 2);
    private static readonly (long Content, long Keys, long Identities, long Erasures, long Events) Erased = (0, 0, 0, 1, 3);

    /// <summary>Asks for the erasure, and kills the service while its transaction stands at the gate.</summary>
    private static async Task KillAtAsync(NpgsqlDataSource database, ServiceProcess service, HttpClient client, Guid learner, string moment)
    {
        await using var gate = await database.OpenConnectionAsync();
        await DoAsync(gate, $"select pg_advisory_lock({Gate})");
        await DoAsync(
            gate,
            $"""
            create function stop() returns trigger language plpgsql as $stop$
            begin
              perform pg_advisory_xact_lock({Gate});
              return null;
            end
            $stop$;
            create {moment} execute function stop()
            """);
        var asked = client.AskToEraseAsync(learner);
        await Expectations.EventuallyAsync(() => WaitsAsync(database), "the erasure to come to the gate");

        await service.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => asked);
        await DoAsync(gate, $"select pg_advisory_unlock({Gate})");
        await Expectations.EventuallyAsync(
            async () =>
            {
                await using var left = database.CreateCommand("select not exists (select from pg_stat_activity where datname = current_database() and application_name = 'learningledger')");
                return (bool)(await left.ExecuteScalarAsync())!;
            },
            "the database to have done with the killed service");
        await DoAsync(gate, "drop function stop() cascade");
    }

    private static async Task<bool> WaitsAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            $"select exists (select from pg_locks where locktype = 'advisory' and objid = {Gate} and not granted and database = (select oid from pg_database where datname = current_database()))");
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<(long, long, long, long, long)> StateAsync(NpgsqlDataSource database, Guid learner)
    {
        await using var command = database.CreateCommand(
            """
            select (select count(*) from ledger.mt_events where stream_id = $1 and type <> 'learner.erased' and data <> '{}'), (select count(*) from vault.learner_key where learner = $1),
              (select count(*) from registry.identity where learner = $1), (select count(*) from registry.erasure where learner = $1), (select count(*) from ledger.mt_events where stream_id = $1)
            """);
        command.Parameters.Add(new() { Value = learner });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }

    private static Task LoggedAsync(Place place) => Expectations.EventuallyAsync(
        () => Ledger.AskAsync<bool>(place.ConnectionString, "select not exists (select from tlog.pending)"), "all events to be logged");

    private static async Task<string> FindingsAsync(HttpClient admin)
    {
        using var answer = await admin.PostAsync("/v1/log/reconcile", null);
        return (await answer.JsonAsync())["findings"]!.ToJsonString();
    }

    private static async Task DoAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
