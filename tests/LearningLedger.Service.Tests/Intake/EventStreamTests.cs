using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Intake;

public sealed class EventStreamTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const int Learners = 7;

    [Fact]
    public async Task Records_a_stream_in_order_and_answers_each_chunk_and_knows_all_of_it_the_second_time()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var events = Events(2_500);

        var first = await PostAsync(client, events);
        var second = await PostAsync(client, events);

        Assert.Equal(1, (int)first[0]["from"]!);
        Assert.Equal(Enumerable.Range(1, first.Count), first.Select(l => (int)l["chunk"]!));
        Assert.All(first.Zip(first.Skip(1)), pair => Assert.Equal((int)pair.First["to"]! + 1, (int)pair.Second["from"]!));
        Assert.Equal(2_500, (int)first[^1]["to"]!);
        Assert.All(first, l => Assert.InRange((int)l["to"]! - (int)l["from"]!, 0, Limits.EventsPerChunk - 1));
        Assert.Equal((2_500, 0), (Sum(first, "accepted"), Sum(first, "duplicates")));
        Assert.Equal((0, 2_500), (Sum(second, "accepted"), Sum(second, "duplicates")));

        // Each learner's versions follow the lines: the score says which line it was.
        var order = await fixture.AskAsync<string[]>(
            $"""
            select array_agg(scores order by stream_id) from (
              select stream_id, string_agg((data ->> 'score'), ',' order by version) scores from ledger.mt_events
              where tenant_id = '{tenant.Name}' and type = 'skill.attempted' group by stream_id) s
            """);
        Assert.Equal(
            Enumerable.Range(0, Learners).Select(l => string.Join(',', Enumerable.Range(0, 2_500).Where(i => i % Learners == l).Select(Score))).Order(StringComparer.Ordinal),
            order.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_bad_line_leaves_what_came_before_its_chunk_and_is_named()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var events = Events(3_000);
        events[2_100] = events[2_100].Replace("alpha", "unheard-of", StringComparison.Ordinal);
        events[10] = "\n \r\n" + events[10];

        var lines = await PostAsync(client, events);

        var refused = lines[^1];
        Assert.Equal(422, (int)refused["status"]!);
        Assert.Equal("urn:learningledger:problem:invalid", (string?)refused["type"]);
        var error = Assert.Single(refused["errors"]!.AsArray())!;
        Assert.Equal((2_100, 2_103, "data.skill"), ((int)error["index"]!, (int)error["line"]!, (string?)error["field"]));
        Assert.InRange(2_103, (int)refused["from"]!, (int)refused["to"]!);
        Assert.Equal((int)refused["from"]! - 1, (int)lines[^2]["to"]!);
        Assert.Contains($"Lines 1 to {lines[^2]["to"]} are recorded", (string?)refused["detail"], StringComparison.Ordinal);
        Assert.Equal(Sum(lines.SkipLast(1), "accepted"), await StoredAsync(tenant));
        Assert.True(await StoredAsync(tenant) is > 0 and < 2_101);
    }

    [Fact]
    public async Task Other_content_under_a_known_id_is_refused_with_its_line_and_the_stored_event()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await PostAsync(client, [Tenant.Attempt("known", "ann", "alpha", 0.5)]);

        var lines = await PostAsync(client, [Tenant.Attempt("new", "ann", "alpha", 0.5), Tenant.Attempt("known", "ann", "alpha", 0.6)]);

        var refused = Assert.Single(lines);
        Assert.Equal(409, (int)refused["status"]!);
        var error = Assert.Single(refused["errors"]!.AsArray())!;
        Assert.Equal((1, 2), ((int)error["index"]!, (int)error["line"]!));
        Assert.NotNull(error["eventId"]);
        Assert.Equal(1, await StoredAsync(tenant));
    }

    [Fact]
    public async Task What_is_not_JSON_or_longer_than_a_line_may_be_ends_the_stream()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        var broken = Assert.Single(await PostAsync(client, [Tenant.Attempt("a", "ann", "alpha", 0.5), "{\"specversion\":"]));
        var cut = await PostAsync(client, [Tenant.Attempt("b", "ann", "alpha", 0.5), new string('x', Limits.StreamLineBytes + 1)]);

        Assert.Equal((400, 2), ((int)broken["status"]!, (int)broken["errors"]![0]!["line"]!));
        Assert.Equal((413, 2), ((int)cut[^1]["status"]!, (int)cut[^1]["from"]!));
        Assert.Contains("Line 2 is longer", (string?)cut[^1]["detail"], StringComparison.Ordinal);
        Assert.Equal(1, await StoredAsync(tenant));
    }

    [Fact]
    public async Task What_a_slow_sender_has_sent_is_recorded_and_answered_while_the_stream_stays_open()
    {
        var tenant = await fixture.TenantAsync();
        using var stream = await OpenStream.BeginAsync(fixture.Ledger.Url, await tenant.KeyAsync([Scopes.EventsWrite]), "Prefer: return=representation");

        await stream.SendAsync(Tenant.Attempt("one", "ann", "alpha", 0.5));
        var first = (await stream.LineAsync())!;
        await stream.SendTextAsync(Tenant.Attempt("two", "ann", "alpha", 0.6)[..20]);
        await stream.SendTextAsync(Tenant.Attempt("two", "ann", "alpha", 0.6)[20..]);
        await stream.EndAsync();
        var second = (await stream.LineAsync())!;

        Assert.Equal((1, 1, 1), ((int)first["from"]!, (int)first["to"]!, (int)first["accepted"]!));
        Assert.Equal("one", (string?)Assert.Single(first["receipts"]!.AsArray())!["id"]);
        Assert.Equal(3, (long)second["receipts"]![0]!["version"]!);
        Assert.Null(await stream.LineAsync());
        Assert.Contains("Preference-Applied: return=representation", stream.Head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_its_open_streams()
    {
        var tenant = await fixture.TenantAsync();
        var key = await tenant.KeyAsync([Scopes.EventsWrite]);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        using var stream = await OpenStream.BeginAsync(fixture.Ledger.Url, key);
        await stream.SendAsync(Tenant.Attempt("one", "ann", "alpha", 0.5));
        Assert.Equal(1, (int)(await stream.LineAsync())!["accepted"]!);

        using var revoked = await admin.DeleteAsync($"/v1/keys/{key.Split('_')[1]}");
        Assert.True(revoked.IsSuccessStatusCode);
        await stream.SendAsync(Tenant.Attempt("two", "ann", "alpha", 0.5));

        Assert.Equal(401, (int)(await stream.LineAsync())!["status"]!);
        Assert.Null(await stream.LineAsync());
        Assert.Equal(1, await StoredAsync(tenant));
    }

    [Fact]
    public async Task A_key_limited_to_sources_streams_for_those_alone()
    {
        var tenant = await fixture.TenantAsync();
        using var client = fixture.Client(await tenant.KeyAsync([Scopes.EventsWrite], sources: ["https://elsewhere.example"]));

        var refused = Assert.Single(await PostAsync(client, [Tenant.Attempt("one", "ann", "alpha", 0.5)]));

        Assert.Equal((403, 1), ((int)refused["status"]!, (int)refused["errors"]![0]!["line"]!));
    }

    [Fact]
    public async Task Without_that_accept_a_post_of_lines_is_all_or_nothing_as_before()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var events = Events(1_500);
        events[1_400] = "{}";

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(string.Join('\n', events), "application/x-ndjson"));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(0, await StoredAsync(tenant));
    }

    [Fact]
    public async Task A_stream_is_not_bound_by_the_size_of_a_request()
    {
        var small = new LedgerFixture(new() { ["Ledger:Limits:BodyBytes"] = "100000", ["Ledger:Limits:BatchEvents"] = "100" });
        await small.InitializeAsync();
        try
        {
            var tenant = await small.TenantAsync();
            using var client = await tenant.ClientAsync(Scopes.EventsWrite);

            var lines = await PostAsync(client, Events(2_000));

            Assert.Equal(2_000, Sum(lines, "accepted"));
            Assert.All(lines, l => Assert.InRange((int)l["accepted"]!, 1, 100));
        }
        finally
        {
            await small.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_service_that_stops_ends_open_streams_and_says_so()
    {
        var stopping = new LedgerFixture();
        await stopping.InitializeAsync();
        try
        {
            var tenant = await stopping.TenantAsync();
            using var stream = await OpenStream.BeginAsync(stopping.Ledger.Url, await tenant.KeyAsync([Scopes.EventsWrite]));
            await stream.SendAsync(Tenant.Attempt("one", "ann", "alpha", 0.5));
            Assert.Equal(1, (int)(await stream.LineAsync())!["accepted"]!);

            var stop = stopping.StopAsync();
            var last = (await stream.LineAsync())!;
            await stop;

            Assert.Equal((503, 2), ((int)last["status"]!, (int)last["from"]!));
        }
        finally
        {
            await stopping.DisposeAsync();
        }
    }

    private static string[] Events(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Tenant.Event($"e-{i}", $"learner-{i % Learners}", "skill.attempted", $$"""{"skill":"alpha","score":{{Score(i)}}}"""))];

    private static string Score(int i) => i == 0 ? "0" : "0." + i.ToString("0000", System.Globalization.CultureInfo.InvariantCulture).TrimEnd('0');

    private static int Sum(IEnumerable<JsonNode> lines, string field) => lines.Sum(l => (int)l[field]!);

    private Task<long> StoredAsync(Tenant tenant) =>
        fixture.AskAsync<long>($"select count(*) from ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'skill.attempted'");

    private static async Task<List<JsonNode>> PostAsync(HttpClient client, string[] events)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
        {
            Content = new StringContent(string.Join('\n', events), Encoding.UTF8, "application/x-ndjson"),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/x-ndjson") } },
        };
        using var answer = await client.SendAsync(request);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        return [.. (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
    }
}
