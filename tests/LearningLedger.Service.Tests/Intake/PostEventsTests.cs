using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Intake;

public sealed class PostEventsTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Records_a_batch_and_answers_receipts_in_request_order()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        var answer = await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5), Tenant.Attempt("2", "bob", "beta", 1), Tenant.Attempt("3", "ann", "alpha", 0.75));

        Assert.Equal(3, (int)answer["accepted"]!);
        Assert.Equal(0, (int)answer["duplicates"]!);
        Assert.Equal(["1", "2", "3"], answer["receipts"]!.AsArray().Select(r => (string)r!["id"]!));
        Assert.Equal([2, 2, 3], answer["receipts"]!.AsArray().Select(r => (int)r!["version"]!));
    }

    [Fact]
    public async Task Answers_a_re_sent_event_with_its_first_receipt()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var first = await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5));

        var second = await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.50));

        Assert.Equal(1, (int)second["duplicates"]!);
        Assert.Equal((string)first["receipts"]![0]!["eventId"]!, (string)second["receipts"]![0]!["eventId"]!);
        Assert.Equal((int)first["receipts"]![0]!["version"]!, (int)second["receipts"]![0]!["version"]!);
        Assert.Equal("duplicate", (string)second["receipts"]![0]!["status"]!);
    }

    [Fact]
    public async Task Refuses_other_content_under_a_used_id_and_records_nothing_of_the_request()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5));

        using var refused = await client.PostAsync("/v1/events", LedgerFixture.Json(
            $"[{Tenant.Attempt("2", "new", "alpha", 0.5)},{Tenant.Attempt("1", "ann", "alpha", 0.6)}]", "application/cloudevents-batch+json"));

        await refused.ShouldBeAsync(HttpStatusCode.Conflict);
        Assert.Equal(1, (int)(await refused.JsonAsync())["errors"]![0]!["index"]!);
        var again = await Tenant.PostAsync(client, Tenant.Attempt("2", "new", "alpha", 0.5));
        Assert.Equal(1, (int)again["accepted"]!);
    }
}
