using System.Net;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class StatementReceiptTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const string Address = Statements + "/receipt";

    [Fact]
    public async Task A_post_of_a_few_statements_is_answered_with_a_receipt_in_a_header_and_the_usual_body()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite);
        string[] sent = [Statement(Guid.NewGuid()), Statement(actor: "bob")];

        using var answer = await client.SendAsync(sent);

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var ids = (await answer.JsonAsync()).AsArray().Select(i => i!.GetValue<Guid>()).ToArray();
        var receipt = await VerifiedAsync(tenant, OfHeader(answer));
        Assert.Equal(ids.Select(i => LearningLedger.Events.LedgerIds.StatementEvent(tenant.Name, i)), receipt.Events.Select(e => e.EventId));
        Assert.Equal(sent.Select(s => new TreeHash(SHA256.HashData(Encoding.UTF8.GetBytes(s)))), receipt.Events.Select(e => e.Sent));
        Assert.All(receipt.Events, e => Assert.Equal((2, e.Accepted + Limits.LoggedWithin), (e.Version, e.Deadline)));
    }

    [Fact]
    public async Task A_statement_sent_again_gets_the_first_promise_again()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite);
        var (id, other) = (Guid.NewGuid(), Guid.NewGuid());
        using var first = await client.PutAsync($"{Statements}?statementId={id:D}", LedgerFixture.Json(Statement(id)));
        await first.ShouldBeAsync(HttpStatusCode.NoContent);

        using var again = await client.SendAsync(Statement(other), Statement(id).Replace("\"verb\"", " \"verb\"", StringComparison.Ordinal));

        await again.ShouldBeAsync(HttpStatusCode.OK);
        var lines = (await VerifiedAsync(tenant, OfHeader(again))).Events;
        Assert.Equal(Assert.Single((await VerifiedAsync(tenant, OfHeader(first))).Events), lines[1]);
        Assert.Equal(3, lines[0].Version);
    }

    [Fact]
    public async Task What_the_header_cannot_hold_is_asked_for_with_the_answer_of_the_post()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("1.0.3", Scopes.StatementsWrite);
        var sent = Enumerable.Range(0, 60).Select(i => Statement(i % 2 == 0 ? Guid.NewGuid() : null, actor: $"learner-{i % 7}")).ToArray();
        using var answer = await client.SendAsync(sent);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.False(answer.Headers.Contains("Ledger-Receipt"));

        using var asked = await client.PostAsync(Address, LedgerFixture.Json(await answer.Content.ReadAsStringAsync()));

        await asked.ShouldBeAsync(HttpStatusCode.OK);
        var receipt = await VerifiedAsync(tenant, await asked.Content.ReadAsStringAsync());
        Assert.Equal(sent.Select(s => new TreeHash(SHA256.HashData(Encoding.UTF8.GetBytes(s)))), receipt.Events.Select(e => e.Sent));
    }

    [Fact]
    public async Task What_a_receipt_promises_is_in_the_log()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite);
        using var group = await client.SendAsync(Statement(), Statement().Replace(
            "\"account\":{\"homePage\":\"https://lms.example\",\"name\":\"ann\"}", "\"objectType\":\"Group\",\"mbox\":\"mailto:team@example.org\"", StringComparison.Ordinal));
        await group.ShouldBeAsync(HttpStatusCode.OK);
        var receipt = await VerifiedAsync(tenant, OfHeader(group));

        var leaves = (await (await Log.TenantLogReader.OfAsync(tenant)).LeavesAsync()).OfType<EventLeaf>().ToDictionary(l => l.EventId);

        Assert.All(receipt.Events, e => Assert.Equal((e.Version, e.Accepted), (leaves[e.EventId].Version, leaves[e.EventId].At)));
        using var asked = await client.PostAsync(Address, LedgerFixture.Json(await group.Content.ReadAsStringAsync()));
        Assert.Equal(receipt.Events, (await VerifiedAsync(tenant, await asked.Content.ReadAsStringAsync())).Events);
    }

    [Fact]
    public async Task Nothing_is_promised_for_what_was_refused_or_posted_by_another_key()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite);
        using var other = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite);
        var id = Assert.Single(await client.StoredAsync(Statement()));
        using var conflict = await client.SendAsync(Statement(id, verb: "https://example.com/verbs/other"));
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.False(conflict.Headers.Contains("Ledger-Receipt"));

        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(other, $"[\"{id:D}\"]"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(client, $"[\"{id:D}\",\"{Guid.NewGuid():D}\"]"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, $"[\"{id:D}\"]"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[\"no id\"]")]
    [InlineData("[\"6a1f0f3e-6f6e-4a5e-9b60-2c1f3b1c9d10\",\"6a1f0f3e-6f6e-4a5e-9b60-2c1f3b1c9d10\"]")]
    public async Task What_is_no_list_of_ids_is_refused(string body)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.StatementsWrite);
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(client, body));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string body)
    {
        using var answer = await client.PostAsync(Address, LedgerFixture.Json(body));
        return answer.StatusCode;
    }

    private static string OfHeader(HttpResponseMessage answer) => Encoding.UTF8.GetString(Convert.FromBase64String(Assert.Single(answer.Headers.GetValues("Ledger-Receipt"))));

    /// <summary>As <c>ledger-verify receipt</c> reads it.</summary>
    private static async Task<Receipt> VerifiedAsync(Tenant tenant, string note)
    {
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        await (await Log.TenantLogReader.OfAsync(tenant)).CoveredAsync();
        var (log, receipts) = (await auditor.GetStringAsync($"/log/{tenant.Name}/key"), await auditor.GetStringAsync($"/log/{tenant.Name}/receipt-key"));
        return Receipt.Verify(
            SignedNote.Parse(Encoding.UTF8.GetBytes(note)), TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {log.TrimEnd('\n')}\nquorum none\n#receipts {receipts.TrimEnd('\n')}\n")));
    }
}
