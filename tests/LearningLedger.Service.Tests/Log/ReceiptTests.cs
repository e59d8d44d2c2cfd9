using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

public sealed class ReceiptTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task A_post_is_answered_with_a_signed_receipt_of_each_event_as_it_was_sent()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        string[] events = [Tenant.Attempt("1", "ann", "alpha", 0.5), Tenant.Attempt("2", "bob", "beta", 1)];

        var answer = await Tenant.PostAsync(client, events);

        var receipt = await VerifiedAsync(tenant, answer["receipt"]!);
        Assert.Equal(answer["receipts"]!.AsArray().Select(r => ((Guid)r!["eventId"]!, (long)r["version"]!)), receipt.Events.Select(e => (e.EventId, e.Version)));
        Assert.Equal(events.Select(e => new TreeHash(SHA256.HashData(Encoding.UTF8.GetBytes(e)))), receipt.Events.Select(e => e.Sent));
        Assert.All(receipt.Events, e => Assert.Equal(e.Accepted + Limits.LoggedWithin, e.Deadline));
        Assert.EndsWith("/" + tenant.Name, receipt.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_duplicate_gets_a_fresh_receipt_with_the_first_values_however_it_is_written()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var sent = Tenant.Attempt("1", "ann", "alpha", 0.5);
        var first = await VerifiedAsync(tenant, (await Tenant.PostAsync(client, sent))["receipt"]!);

        var again = await Tenant.PostAsync(client, sent.Replace("\"subject\"", " \"subject\"", StringComparison.Ordinal));

        Assert.Equal(1, (int)again["duplicates"]!);
        Assert.Equal(first.Events, (await VerifiedAsync(tenant, again["receipt"]!)).Events);
    }

    [Fact]
    public async Task What_a_receipt_promises_is_in_the_log_and_proved()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        var receipt = await VerifiedAsync(tenant, (await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5)))["receipt"]!);
        auditor.DefaultRequestHeaders.Add("Prefer", "wait=60");

        using var answer = await auditor.GetAsync($"/v1/events/{receipt.Events[0].EventId}/proof");

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var proof = LogProof.Parse(await answer.Content.ReadAsByteArrayAsync());
        var log = VerifierKey.Parse((await auditor.GetStringAsync($"/log/{tenant.Name}/key")).TrimEnd('\n'));
        proof.Verify(TreeHash.Leaf(proof.Extra!.Value.Span), TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {log}\nquorum none\n")));
        var leaf = Assert.IsType<EventLeaf>(LogLeaf.Parse(proof.Extra!.Value.Span));
        Assert.Equal((receipt.Events[0].EventId, receipt.Events[0].Version, receipt.Events[0].Accepted), (leaf.EventId, leaf.Version, leaf.At));
    }

    [Fact]
    public async Task A_proof_that_cannot_be_had_yet_is_told_so_and_another_tenants_event_is_unknown()
    {
        var tenant = await fixture.TenantAsync();
        var other = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        using var stranger = await other.ClientAsync(Scopes.AuditRead);
        await using var connection = await fixture.Database().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('tlog ' || $1, 0))", connection))
        {
            hold.Parameters.Add(new() { Value = tenant.Name });
            await hold.ExecuteNonQueryAsync();
        }

        var eventId = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5)))["receipts"]![0]!["eventId"]!;

        using var early = await auditor.GetAsync($"/v1/events/{eventId}/proof");
        await early.ShouldBeAsync(HttpStatusCode.Accepted);
        Assert.NotNull(early.Headers.RetryAfter);
        using var foreign = await stranger.GetAsync($"/v1/events/{eventId}/proof");
        await foreign.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    private static async Task<Receipt> VerifiedAsync(Tenant tenant, JsonNode receipt)
    {
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
        var key = VerifierKey.Parse((await auditor.GetStringAsync($"/log/{tenant.Name}/receipt-key")).TrimEnd('\n'));
        var note = SignedNote.Parse((string)receipt!);
        Assert.Single(note.Verify([key]));
        return Receipt.Parse(note.Text);
    }
}
