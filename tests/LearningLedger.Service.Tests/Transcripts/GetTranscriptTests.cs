using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Transcripts;

public sealed class GetTranscriptTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task A_post_is_in_the_transcript_at_once()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.TranscriptsRead);
        var receipt = (await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5), Tenant.Attempt("2", "ann", "alpha", 0.75)))["receipts"]![1]!;
        var path = $"/v1/learners/{(string)receipt["learner"]!}/transcript";

        using var answer = await client.GetAsync(path);

        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("\"3\"", answer.Headers.ETag!.Tag);
        var transcript = await answer.JsonAsync();
        Assert.True(long.Parse(answer.Headers.GetValues("Ledger-Sequence").Single(), System.Globalization.CultureInfo.InvariantCulture) >= (long)transcript["position"]!["sequence"]!);
        Assert.Equal(3, (int)transcript["position"]!["version"]!);
        Assert.Equal(0.75m, (decimal)transcript["skills"]![0]!["best"]!);
        Assert.Equal((string)receipt["eventId"]!, (string)transcript["skills"]![0]!["events"]![1]!["eventId"]!);
        await tenant.GuardedAsync(path, Scopes.TranscriptsRead, Scopes.AuditRead);
    }

    [Fact]
    public async Task OccurredBy_leaves_out_what_occurred_later()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.TranscriptsRead);
        var learner = (string)(await Tenant.PostAsync(
            client, Tenant.Attempt("1", "ann", "alpha", 0.5, "2026-01-05T10:00:00Z"), Tenant.Attempt("2", "ann", "beta", 0.75, "2026-01-06T10:00:00Z")))["receipts"]![0]!["learner"]!;

        var transcript = JsonNode.Parse(await client.ReadAsync($"/v1/learners/{learner}/transcript?occurredBy=2026-01-05T12:00:00%2B02:00"))!;

        Assert.Equal(["alpha"], transcript["skills"]!.AsArray().Select(s => (string)s!["skill"]!));
    }

    [Theory]
    [InlineData("asOf=yesterday"), InlineData("asOf=seq:"), InlineData("asOf=seq:-1"), InlineData("asOf=seq:1.5"), InlineData("asOf=2026-01-01T00:00:00"), InlineData("asOf=")]
    [InlineData("asOf=seq:99999999"), InlineData("asOf=9999-01-01T00:00:00Z"), InlineData("occurredBy=monday"), InlineData("asOf=seq:99999999999999999999")]
    public async Task Refuses_times_that_cannot_be(string query)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.TranscriptsRead);
        var learner = (string)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5)))["receipts"]![0]!["learner"]!;

        await client.RefusesAsync($"/v1/learners/{learner}/transcript?{query}", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Knows_no_learner_before_registration_and_no_other_stream()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.TranscriptsRead);
        var before = await fixture.AskAsync<long>("select last_value from ledger.mt_events_sequence");
        var learner = (string)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 0.5)))["receipts"]![0]!["learner"]!;

        await client.RefusesAsync($"/v1/learners/{learner}/transcript?asOf=seq:{before}", HttpStatusCode.NotFound);
        await client.RefusesAsync($"/v1/learners/{learner}/transcript?asOf=2020-01-01T00:00:00Z", HttpStatusCode.NotFound);
        await client.RefusesAsync($"/v1/learners/{Guid.NewGuid():D}/transcript", HttpStatusCode.NotFound);
        await client.RefusesAsync($"/v1/learners/{LedgerIds.Framework(tenant.Name, "small"):D}/transcript", HttpStatusCode.NotFound);
        await client.RefusesAsync("/v1/learners/ann/transcript", HttpStatusCode.NotFound);
    }
}
