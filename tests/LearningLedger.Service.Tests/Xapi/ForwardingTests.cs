using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Xapi.Forwarding;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

/// <summary>A service whose operator lets it reach the loopback, and whose targets have two seconds.</summary>
public sealed class ForwardingFixture() : LedgerFixture(new Dictionary<string, string?> { ["Ledger:Xapi:ForwardToPrivate"] = "true", ["Ledger:Xapi:ForwardTimeoutSeconds"] = "2" });

public sealed class ForwardingTests(ForwardingFixture fixture) : IClassFixture<ForwardingFixture>
{
    private const string Passed = "http://adlnet.gov/expapi/verbs/passed";

    [Fact]
    public async Task Sends_on_what_is_chosen_in_the_order_in_which_it_was_stored()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var (client, admin) = await PeopleAsync();
        var before = await client.StoredAsync(Statement(verb: Passed));
        await PutAsync(admin, lrs, new { verbs = new[] { Passed }, activities = new[] { "https://lms.example/activities/*" } });
        var expected = new List<Guid>();
        for (var i = 0; i < 60; i++)
        {
            expected.AddRange(await client.StoredAsync(Statement(actor: $"learner-{i % 3}", verb: Passed)));
        }

        await client.StoredAsync(Statement(), Statement(verb: Passed, activity: "https://other.example/1"));
        expected.AddRange(await client.StoredAsync(Voiding(expected[0])));

        await TakenAsync(lrs, expected);
        var sent = lrs.Taken.First();
        Assert.Equal(["actor", "id", "object", "timestamp", "verb"], sent.AsObject().Select(m => m.Key).Order());
        Assert.All(lrs.Requests, r => Assert.Equal(("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:a secret")), "1.0.3", "application/json"), (r.Authorization, r.Version, r.ContentType)));
        await StateAsync(admin, f => f["sent"]!.GetValue<long>() == 61);

        using var replayed = await admin.PostAsync("/v1/forwards/copy/replay", LedgerFixture.Json("""{"from":"start"}"""));
        await replayed.ShouldBeAsync(HttpStatusCode.OK);
        await TakenAsync(lrs, [.. expected, .. before, .. expected]);
    }

    [Fact]
    public async Task Waits_while_the_target_fails_or_does_not_answer_and_loses_nothing()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var (client, admin) = await PeopleAsync();
        using var never = new SemaphoreSlim(0);
        var moods = new ConcurrentQueue<Func<Task<int?>>>([
            () => Task.FromResult<int?>(503),
            async () =>
            {
                await never.WaitAsync(TimeSpan.FromSeconds(30));
                return null;
            },
            () => Task.FromResult<int?>(401),
        ]);
        lrs.Mood = _ => moods.TryDequeue(out var mood) ? mood() : Task.FromResult<int?>(null);
        await PutAsync(admin, lrs, new { });
        var ids = await client.StoredAsync(Statement(), Statement(actor: "bob"), Statement());

        await StateAsync(admin, f => f["failures"]!.GetValue<int>() > 0 && f["problem"] is not null && f["nextTry"] is not null);
        await TakenAsync(lrs, ids);
        var state = await StateAsync(admin, f => f["sent"]!.GetValue<long>() == 3);
        Assert.Equal((0, 0L), (state["failures"]!.GetValue<int>(), state["refused"]!.GetValue<long>()));
        Assert.Null(state["problem"]);
        never.Release();
    }

    [Fact]
    public async Task Puts_aside_what_the_target_will_never_take_and_sends_it_again_when_asked()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var (client, admin) = await PeopleAsync();
        var bad = Guid.NewGuid();
        lrs.Mood = ids => Task.FromResult<int?>(ids.Contains(bad) ? 400 : null);
        await PutAsync(admin, lrs, new { });
        var (first, last) = (Guid.NewGuid(), Guid.NewGuid());
        await client.StoredAsync(Statement(first), Statement(bad), Statement(last));

        await TakenAsync(lrs, [first, last]);
        await StateAsync(admin, f => f["refused"]!.GetValue<long>() == 1);
        var refused = Assert.Single((await admin.ReadAsync("/v1/forwards/copy/refused"))["refused"]!.AsArray())!;
        Assert.Equal((bad, "Answered 400.", false), (refused["statement"]!.GetValue<Guid>(), refused["problem"]!.GetValue<string>(), refused["again"]!.GetValue<bool>()));

        lrs.Mood = _ => Task.FromResult<int?>(null);
        using var retried = await admin.PostAsync("/v1/forwards/copy/refused/retry", null);
        await retried.ShouldBeAsync(HttpStatusCode.Accepted);
        await TakenAsync(lrs, [first, last, bad]);
        await StateAsync(admin, f => f["refused"]!.GetValue<long>() == 0);
    }

    [Fact]
    public async Task A_target_that_has_a_statement_already_is_content()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var (client, admin) = await PeopleAsync();
        var known = Guid.NewGuid();
        lrs.Mood = ids => Task.FromResult<int?>(ids.Contains(known) ? 409 : null);
        await PutAsync(admin, lrs, new { });
        var other = Guid.NewGuid();
        await client.StoredAsync(Statement(known), Statement(other));

        await TakenAsync(lrs, [other]);
        Assert.Equal(0, (await StateAsync(admin, f => f["sent"]!.GetValue<long>() == 2))["refused"]!.GetValue<long>());
    }

    [Fact]
    public async Task Attachments_go_with_their_statement()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var (client, admin) = await PeopleAsync();
        await PutAsync(admin, lrs, new { });
        var bytes = "an essay of mine"u8.ToArray();
        var sha2 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        var statement = Statement(rest: $$""","attachments":[{"usageType":"https://lms.example/essay","display":{"en":"Essay"},"contentType":"text/plain","length":{{bytes.Length}},"sha2":"{{sha2}}"}]""");
        using var content = new MultipartContent("mixed") { LedgerFixture.Json(statement) };
        var part = new ByteArrayContent(bytes);
        part.Headers.ContentType = new("text/plain");
        part.Headers.Add("Content-Transfer-Encoding", "binary");
        part.Headers.Add("X-Experience-API-Hash", sha2);
        content.Add(part);
        using var posted = await client.PostAsync(Statements, content);
        await posted.ShouldBeAsync(HttpStatusCode.OK);
        var after = await client.StoredAsync(Statement());

        await TakenAsync(lrs, [(await posted.JsonAsync())[0]!.GetValue<Guid>(), .. after]);
        var sent = lrs.Requests.First();
        Assert.StartsWith("multipart/mixed", sent.ContentType, StringComparison.Ordinal);
        Assert.Contains("X-Experience-API-Hash: " + sha2, sent.Body, StringComparison.Ordinal);
        Assert.Contains("an essay of mine", sent.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_sealed_shown_to_nobody_and_bound_to_its_address()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var tenant = await fixture.TenantAsync(false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        await PutAsync(admin, lrs, new { paused = true });

        Assert.DoesNotContain("a secret", (await admin.ReadAsync("/v1/forwards")).ToJsonString(), StringComparison.Ordinal);
        Assert.False(await fixture.AskAsync<bool>($"select exists (select from xapi.forward f where f.tenant = '{tenant.Name}' and position('a secret'::bytea in f.secret) > 0)"));
        using var same = await admin.PutAsync("/v1/forwards/copy", LedgerFixture.Json(JsonSerializer.Serialize(new { url = lrs.Url, user = "you", paused = true }, LedgerJson.Options)));
        await same.ShouldBeAsync(HttpStatusCode.OK);
        using var moved = await admin.PutAsync("/v1/forwards/copy", LedgerFixture.Json("""{"url":"https://elsewhere.example/xapi","user":"you","paused":true}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, moved.StatusCode);
        Assert.Equal("secret", (await moved.JsonAsync())["errors"]![0]!["field"]!.GetValue<string>());

        using var stranger = await (await fixture.TenantAsync(false)).ClientAsync(Scopes.Admin);
        Assert.Empty((await stranger.ReadAsync("/v1/forwards"))["forwards"]!.AsArray());
        using var unseen = await stranger.DeleteAsync("/v1/forwards/copy");
        Assert.Equal(HttpStatusCode.NotFound, unseen.StatusCode);
        using var gone = await admin.DeleteAsync("/v1/forwards/copy");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using var none = await admin.GetAsync("/v1/forwards/copy");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Theory]
    [InlineData("""{"user":"me","secret":"s"}""", "url")]
    [InlineData("""{"url":"ftp://lrs.example","user":"me","secret":"s"}""", "url")]
    [InlineData("""{"url":"https://a:b@lrs.example","user":"me","secret":"s"}""", "url")]
    [InlineData("""{"url":"https://lrs.example","user":"m:e","secret":"s"}""", "user")]
    [InlineData("""{"url":"https://lrs.example","user":"me"}""", "secret")]
    [InlineData("""{"url":"https://lrs.example","user":"me","secret":"s","version":"0.9"}""", "version")]
    [InlineData("""{"url":"https://lrs.example","user":"me","secret":"s","verbs":["passed"]}""", "verbs[0]")]
    [InlineData("""{"url":"https://lrs.example","user":"me","secret":"s","activities":[]}""", "activities")]
    [InlineData("""{"url":"https://lrs.example","user":"me","secret":"s","from":"yesterday"}""", "from")]
    public async Task A_faulty_target_is_refused_by_name(string body, string field)
    {
        using var admin = await (await fixture.TenantAsync(false)).ClientAsync(Scopes.Admin);
        using var answer = await admin.PutAsync("/v1/forwards/copy", LedgerFixture.Json(body));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(field, (await answer.JsonAsync())["errors"]![0]!["field"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("2a00:1450:4001:80b::200e", true)]
    public void Knows_which_addresses_are_public(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    private async Task<(HttpClient Client, HttpClient Admin)> PeopleAsync()
    {
        var tenant = await fixture.TenantAsync(false);
        return (await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi), await tenant.ClientAsync(Scopes.Admin));
    }

    private static async Task PutAsync(HttpClient admin, FakeLrs lrs, object more)
    {
        var body = JsonSerializer.SerializeToNode(more, LedgerJson.Options)!.AsObject();
        (body["url"], body["user"], body["secret"], body["version"]) = (lrs.Url, "me", "a secret", "1.0.3");
        using var answer = await admin.PutAsync("/v1/forwards/copy", LedgerFixture.Json(body.ToJsonString()));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
    }

    private static Task TakenAsync(FakeLrs lrs, IReadOnlyList<Guid> ids) =>
        Expectations.EventuallyAsync(() => Task.FromResult(lrs.TakenIds.SequenceEqual(ids)), $"{ids.Count} statements to arrive in order");

    private static async Task<JsonNode> StateAsync(HttpClient admin, Func<JsonNode, bool> condition)
    {
        JsonNode? state = null;
        await Expectations.EventuallyAsync(async () => condition(state = await admin.ReadAsync("/v1/forwards/copy")), "the target's state");
        return state!;
    }
}

/// <summary>A service as it comes: it reaches nothing that is not public.</summary>
public sealed class ForwardingRefusedTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Reaches_no_private_address_unless_the_operator_says_so()
    {
        await using var lrs = await FakeLrs.StartAsync();
        var tenant = await fixture.TenantAsync(false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        using var plain = await admin.PutAsync("/v1/forwards/copy", LedgerFixture.Json(JsonSerializer.Serialize(new { url = lrs.Url, user = "me", secret = "s" }, LedgerJson.Options)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, plain.StatusCode);

        using var hidden = await admin.PutAsync("/v1/forwards/copy", LedgerFixture.Json(JsonSerializer.Serialize(
            new { url = lrs.Url.Replace("http://127.0.0.1", "https://localhost", StringComparison.Ordinal), user = "me", secret = "s" }, LedgerJson.Options)));
        await hidden.ShouldBeAsync(HttpStatusCode.Created);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        await client.StoredAsync(Statement());

        await Expectations.EventuallyAsync(
            async () => (await admin.ReadAsync("/v1/forwards/copy"))["problem"]?.GetValue<string>().Contains("not public", StringComparison.Ordinal) == true, "the refusal");
        Assert.Empty(lrs.Requests);
    }
}
