using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Tables;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Store;

/// <summary>The set-based append writes Marten's tables by itself; what it leaves there must be what Marten leaves, column by column.</summary>
public sealed class AppendComparedTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    // What differs by nature: numbers, ids, and the moment.
    private static readonly string[] OwnToEachRow = ["seq_id", "id", "stream_id", "timestamp", "created"];

    private NpgsqlDataSource Database => fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task Rows_of_both_ways_are_equal()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        client.DefaultRequestHeaders.Add("X-Correlation-ID", "compared");
        var posted = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5), Tenant.Attempt("2", "ann", "beta", 1)))["receipts"]![0]!["learner"]!;
        var rows = await RowsAsync("mt_events", "stream_id", posted);

        // The same bodies and headers again, by Marten, to a stream of its own.
        var other = Guid.NewGuid();
        await using (var session = fixture.Ledger.App.Services.GetRequiredService<IDocumentStore>().LightweightSession(tenant.Name))
        {
            session.CorrelationId = "compared";
            session.LastModifiedBy = rows[0]["user_name"]!;
            var events = rows.Select((row, i) =>
            {
                var entry = EventCatalog.Find(row["type"]!)!;
                var wrapped = DecidedEvents.Wrap(
                    new DecidedEvent((ILedgerEvent)JsonSerializer.Deserialize(row["data"]!, entry.Body, LedgerJson.Options)!, default), LedgerIds.Decision(tenant.Name, other, i + 1),
                    DecidedBy.Policy(tenant.Name, "test"), Vault.NewKey(), "");
                foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(row["headers"]!)!)
                {
                    wrapped.SetHeader(name, value);
                }

                return (object)wrapped;
            });
            session.Events.StartStream<Learner>(other, events);
            await session.SaveChangesAsync();
        }

        Assert.Equal(Comparable(rows), Comparable(await RowsAsync("mt_events", "stream_id", other)));
        Assert.Equal(Comparable(await RowsAsync("mt_streams", "id", posted)), Comparable(await RowsAsync("mt_streams", "id", other)));
    }

    [Fact]
    public async Task Appending_on_leaves_the_stream_row_as_marten_would()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var learner = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5)))["receipts"]![0]!["learner"]!;
        var before = Assert.Single(await RowsAsync("mt_streams", "id", learner));

        await Tenant.PostAsync(client, Tenant.Attempt("2", "ann", "alpha", 0.5), Tenant.Attempt("3", "ann", "alpha", 0.5));

        var after = Assert.Single(await RowsAsync("mt_streams", "id", learner));
        Assert.Equal(("2", "4"), (before["version"], after["version"]));
        Assert.Equal(before["created"], after["created"]);
        Assert.NotEqual(before["timestamp"], after["timestamp"]);
    }

    private static IEnumerable<string> Comparable(List<Dictionary<string, string?>> rows) =>
        rows.SelectMany(r => r.Where(c => !OwnToEachRow.Contains(c.Key)).Select(c => $"{c.Key} = {c.Value ?? "null"}"));

    private async Task<List<Dictionary<string, string?>>> RowsAsync(string table, string key, Guid id)
    {
        await using var command = Database.CreateCommand($"select to_jsonb(t)::text from ledger.{table} t where {key} = $1 order by version");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Dictionary<string, string?>>();
        while (await reader.ReadAsync())
        {
            using var row = JsonDocument.Parse(reader.GetString(0));
            rows.Add(row.RootElement.EnumerateObject().ToDictionary(c => c.Name, c => c.Value.ValueKind == JsonValueKind.Null ? null : c.Value.ToString()));
        }

        return rows;
    }
}
