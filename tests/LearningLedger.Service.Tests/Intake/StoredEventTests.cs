using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Tables;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Intake;

/// <summary>What lies in the tables after a post: the stored formats are final.</summary>
public sealed class StoredEventTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private NpgsqlDataSource Database => fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task An_attempt_is_stored_with_codes_and_headers_and_nothing_of_the_platforms_name_for_the_learner()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        client.DefaultRequestHeaders.Add("X-Correlation-ID", "import-7");

        var receipt = (await Tenant.PostAsync(client, Tenant.Attempt("e-1", "ann@example.org", "alpha", 0.70, "2026-01-05T10:00:00.1234567+02:00")))["receipts"]![0]!;

        var rows = await RowsAsync((Guid)receipt["learner"]!);
        Assert.Equal([("learner.registered", 1L), ("skill.attempted", 2L)], rows.Select(r => (r.Type, r.Version)));
        var stored = rows[1];
        Assert.Equal(LedgerIds.Event(tenant.Name, Tenant.Source, "e-1"), stored.Id);
        Assert.Equal("""{"score":0.7,"skill":"alpha"}""", Sorted(stored.Data));
        var headers = JsonNode.Parse(stored.Headers)!;
        Assert.Equal("2026-01-05T08:00:00.123456Z", (string)headers["occurred"]!);
        Assert.Equal(Tenant.Source, (string)headers["source"]!);
        Assert.StartsWith("key:", (string)headers["actor"]!, StringComparison.Ordinal);
        Assert.Equal(43, ((string)headers["fp"]!).Length);
        Assert.Equal(["actor", "fp", "occurred", "sent", "source"], headers.AsObject().Select(h => h.Key).Order());
        Assert.Equal("import-7", stored.Correlation);
        Assert.All(rows, r => Assert.DoesNotContain("ann", r.Data + r.Headers, StringComparison.Ordinal));
        Assert.All(rows, r => Assert.DoesNotContain("e-1", r.Headers, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_person_typed_is_sealed_and_opens_with_the_learners_key_alone()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        var receipts = (await Tenant.PostAsync(client, Tenant.Evidence("1", "ann", Guid.NewGuid()), Tenant.Attempt("2", "bob", "alpha", 1)))["receipts"]!;

        var (ann, bob) = ((Guid)receipts[0]!["learner"]!, (Guid)receipts[1]!["learner"]!);
        var stored = (await RowsAsync(ann))[1];
        Assert.DoesNotContain("work", stored.Data, StringComparison.Ordinal);
        Assert.DoesNotContain("platform.example", stored.Data, StringComparison.Ordinal);
        var title = new Sealed((string)JsonNode.Parse(stored.Data)!["title"]!["sealed"]!);
        Assert.Equal("My work", Vault.Open(await KeyAsync(tenant, ann), stored.Id, "title", title));
        var bobs = await KeyAsync(tenant, bob);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => Vault.Open(bobs, stored.Id, "title", title));
        var anns = await KeyAsync(tenant, ann);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => Vault.Open(anns, stored.Id, "location", title));
    }

    [Theory]
    [InlineData("application/cloudevents+json", "  {0}\n")]
    [InlineData("application/cloudevents-batch+json", "[ {0} ]")]
    [InlineData("application/x-ndjson", " {0}\r\n")]
    public async Task The_hash_of_the_bytes_as_sent_is_stored_hidden_whatever_they_came_in(string mediaType, string around)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var sent = Tenant.Event("1", "ann", "skill.attempted", """{ "skill":"alpha",  "score":0.50 }""");

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(around.Replace("{0}", sent), mediaType));
        await answer.ShouldBeAsync(HttpStatusCode.OK);

        var learner = (Guid)(await answer.JsonAsync())["receipts"]![0]!["learner"]!;
        var stored = (await RowsAsync(learner))[1];
        var header = (string)JsonNode.Parse(stored.Headers)!["sent"]!;
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(sent));
        Assert.Equal(hash, SentHash.Show(await KeyAsync(tenant, learner), stored.Id, header));
        Assert.NotEqual(hash, System.Buffers.Text.Base64Url.DecodeFromChars(header));
        Assert.NotEqual(hash, SentHash.Show(Vault.NewKey(), stored.Id, header));
    }

    [Fact]
    public async Task A_membership_lies_in_the_cohorts_stream_and_its_receipt_names_the_learner()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.Admin);
        using var opened = await client.PostAsync("/v1/cohorts", LedgerFixture.Json("""{"code":"spring","name":"Spring","framework":"small"}"""));
        await opened.ShouldBeAsync(HttpStatusCode.Created);

        var receipts = (await Tenant.PostAsync(client, Tenant.Event("1", "new", "cohort.joined", """{"cohort":"spring"}"""), Tenant.Attempt("2", "new", "alpha", 1)))["receipts"]!;

        Assert.Equal((Guid)receipts[0]!["learner"]!, (Guid)receipts[1]!["learner"]!);
        var stream = LedgerIds.Cohort(tenant.Name, "spring");
        Assert.Equal(["cohort.opened", "cohort.joined"], (await RowsAsync(stream)).Select(r => r.Type));
        Assert.Equal(["learner.registered", "skill.attempted"], (await RowsAsync((Guid)receipts[0]!["learner"]!)).Select(r => r.Type));
    }

    [Fact]
    public async Task Recorded_times_sequences_and_versions_of_a_stream_rise_together_on_both_write_paths()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync([.. Scopes.All]);
        var evidence = Guid.NewGuid();
        var learner = (Guid)(await Tenant.PostAsync(client, Tenant.Evidence("0", "ann", evidence)))["receipts"]![0]!["learner"]!;

        await Task.WhenAll(Enumerable.Range(1, 40).Select(async i =>
        {
            if (i % 4 == 0)
            {
                using var review = await client.PostAsync($"/v1/learners/{learner}/evidence/{evidence}/reviews", LedgerFixture.Json("""{"decision":"rejected"}"""));
                await review.ShouldBeAsync(HttpStatusCode.Created);
            }
            else
            {
                await Tenant.PostAsync(client, Tenant.Attempt($"{i}", "ann", "alpha", 0.1), Tenant.Attempt($"{i}b", "ann", "beta", 0.1));
            }
        }));

        var rows = await RowsAsync(learner);
        Assert.Equal(Enumerable.Range(1, 72).Select(v => (long)v), rows.Select(r => r.Version));
        Assert.Equal(rows.Select(r => r.Sequence).Order(), rows.Select(r => r.Sequence));
        Assert.Equal(rows.Select(r => r.Recorded).Order(), rows.Select(r => r.Recorded));
    }

    [Fact]
    public async Task A_new_subject_posted_from_32_connections_gives_one_learner_and_one_registration()
    {
        var tenant = await fixture.TenantAsync();
        var key = await tenant.KeyAsync([Scopes.EventsWrite]);

        var learners = await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
        {
            using var client = fixture.Client(key);
            return (Guid)(await Tenant.PostAsync(client, Tenant.Attempt($"{i}", "newcomer", "alpha", 0.5)))["receipts"]![0]!["learner"]!;
        }));

        var learner = Assert.Single(learners.Distinct());
        var rows = await RowsAsync(learner);
        Assert.Equal("learner.registered", rows[0].Type);
        Assert.Equal(32, rows.Skip(1).Count(r => r.Type == "skill.attempted"));
        Assert.Equal(33, rows.Count);
    }

    [Fact]
    public async Task One_bad_request_among_many_fails_none_of_its_neighbours()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(client, Tenant.Attempt("taken", "ann", "alpha", 0.5));

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            var posted = i % 3 == 0 ? Tenant.Attempt("taken", "ann", "alpha", 0.6) : Tenant.Attempt($"{i}", $"s{i}", "alpha", 0.5);
            using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(posted, "application/cloudevents+json"));
            return answer.StatusCode;
        }));

        Assert.Equal(20, answers.Count(a => a == HttpStatusCode.Conflict));
        Assert.Equal(40, answers.Count(a => a == HttpStatusCode.OK));
        await using var conflicts = Database.CreateCommand("select count(*) from registry.intake_conflict where tenant = $1");
        conflicts.Parameters.Add(new() { Value = tenant.Name });
        Assert.Equal(20L, await conflicts.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Two_contents_of_one_id_posted_at_once_leave_one_event_and_one_refusal()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        for (var round = 0; round < 20; round++)
        {
            var id = $"r{round}";
            var answers = await Task.WhenAll(new[] { 0.25, 0.75 }.Select(async score =>
            {
                using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(Tenant.Attempt(id, $"subject-{score}", "alpha", score), "application/cloudevents+json"));
                return answer.StatusCode;
            }));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Order());
        }
    }

    private static string Sorted(string json) => System.Text.Encoding.UTF8.GetString(LearningLedger.Integrity.CanonicalJson.Bytes(System.Text.Encoding.UTF8.GetBytes(json)));

    private async Task<byte[]> KeyAsync(Tenant tenant, Guid learner)
    {
        await using var connection = await Database.OpenConnectionAsync();
        return (await StreamKeys.OfLearnerAsync(connection, fixture.Ledger.App.Services.GetRequiredService<Vault>(), tenant.Name, learner, default))!;
    }

    private async Task<List<(Guid Id, string Type, long Version, long Sequence, DateTimeOffset Recorded, string Data, string Headers, string? Correlation)>> RowsAsync(Guid stream)
    {
        await using var command = Database.CreateCommand(
            "select id, type, version, seq_id, timestamp, data::text, headers::text, correlation_id from ledger.mt_events where stream_id = $1 order by version");
        command.Parameters.Add(new() { Value = stream });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(Guid, string, long, long, DateTimeOffset, string, string, string?)>();
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5),
                reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7)));
        }

        return rows;
    }
}
