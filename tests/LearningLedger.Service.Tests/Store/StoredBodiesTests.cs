using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Store;

/// <summary>Bodies are part of the stored format whichever path wrote them: the ledger's own JSON, to the letter.</summary>
[Collection(DecisionCollection.Name)]
public sealed class StoredBodiesTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Facts_and_decisions_are_stored_in_the_one_dialect()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, gamma) = await room.WithPeakAsync("ann");
        foreach (var act in (string[])["renew", "suspend", "reinstate", "revoke"])
        {
            using var done = await Classroom.ActAsync(room.Board, learner, award, act, """{"reason":"x","note":"words"}""");
        }

        using var voided = await Classroom.VoidAsync(room.Board, learner, gamma);

        await using var database = Npgsql.NpgsqlDataSource.Create(fixture.ConnectionString);
        await using var command = database.CreateCommand("select type, data::text from ledger.mt_events where tenant_id = $1 order by seq_id");
        command.Parameters.Add(new() { Value = room.Tenant.Name });
        await using var reader = await command.ExecuteReaderAsync();
        var types = new HashSet<string>();
        while (await reader.ReadAsync())
        {
            types.Add(reader.GetString(0));
            var body = EventCatalog.Find(reader.GetString(0))!.Body;
            var spoken = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(reader.GetString(1), body, LedgerJson.Options), body, LedgerJson.Options);
            Assert.True(JsonNode.DeepEquals(spoken, JsonNode.Parse(reader.GetString(1))), $"Stored {reader.GetString(1)}\nwant   {spoken}");
        }

        Assert.Superset(
            new HashSet<string> { "framework.published", "skill.attempted", "evidence.submitted", "evidence.reviewed", "milestone.awarded", "award.renewed", "attempt.voided" }, types);
    }
}
