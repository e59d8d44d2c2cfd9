using System.Net;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Xapi;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class StatementTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly string[] Both = [Scopes.StatementsWrite, Scopes.StatementsRead];

    [Theory]
    [InlineData("1.0.3")]
    [InlineData("2.0.0")]
    public async Task Gives_back_what_was_posted(string version)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync(version, Both);
        var id = Guid.NewGuid();
        await client.StoredAsync(Statement(id, rest: ""","result":{"score":{"scaled":0.50}},"timestamp":"2026-01-05T10:00:00Z" """));

        using var answer = await client.GetAsync($"{Statements}?statementId={id:D}");
        var back = await answer.JsonAsync();

        Assert.Equal(version, Assert.Single(answer.Headers.GetValues("X-Experience-API-Version")));
        Assert.Contains("0.50", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("2026-01-05T10:00:00Z", back["timestamp"]!.GetValue<string>());
        Assert.Equal(version[0] + ".0.0", back["version"]!.GetValue<string>());
        Assert.StartsWith("urn:learningledger:tenant:", back["authority"]!["account"]!["homePage"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(back["stored"]!.GetValue<DateTimeOffset>() > DateTimeOffset.UtcNow.AddMinutes(-5));
    }

    [Fact]
    public async Task A_statement_is_an_event_of_its_actors_learner_and_sealed()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Both);
        using var reader = await tenant.ClientAsync(Scopes.TranscriptsRead, Scopes.AuditRead);
        var id = Assert.Single(await client.StoredAsync(Statement(actor: "zoe", rest: ""","result":{"response":"a very private answer"}""")));

        var learner = (await reader.ReadAsync("/v1/learners?source=https://lms.example&subject=zoe"))["id"]!.GetValue<Guid>();
        var events = (await reader.ReadAsync($"/v1/learners/{learner:D}/events"))["events"]!.AsArray();

        Assert.Equal(["learner.registered", "statement.stored"], events.Select(e => e!["type"]!.GetValue<string>()));
        Assert.Equal(LedgerIds.StatementEvent(tenant.Name, id), events[1]!["eventId"]!.GetValue<Guid>());
        var data = events[1]!["data"]!;
        Assert.Equal(Activity, data["activity"]!.GetValue<string>());
        Assert.DoesNotContain("private", data.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("zoe", data.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("a very private answer", (await reader.ReadAsync($"/v1/learners/{learner:D}/events?open=true")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sending_a_statement_again_changes_nothing_and_another_of_its_id_is_refused()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Both);
        var id = Guid.NewGuid();
        await client.StoredAsync(Statement(id));
        var first = await client.ReadAsync($"{Statements}?statementId={id:D}");

        await client.StoredAsync(Statement(id));
        await client.StoredAsync(first.ToJsonString());
        using var put = await client.PutAsync($"{Statements}?statementId={id:D}", LedgerFixture.Json(Statement()));
        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        using var other = await client.SendAsync(Statement(), Statement(id, actor: "bob"));
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(1, (await other.JsonAsync())["errors"]![0]!["index"]!.GetValue<int>());
        using var later = await client.SendAsync(Statement(id, rest: ""","timestamp":"2026-01-05T10:00:00Z" """));
        Assert.Equal(HttpStatusCode.Conflict, later.StatusCode);

        Assert.Equal(first.ToJsonString(), (await client.ReadAsync($"{Statements}?statementId={id:D}")).ToJsonString());
        Assert.Equal([id], await client.IdsAsync(""));
        Assert.Empty(await client.IdsAsync(Agent("bob")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_voided_statement_is_found_by_its_own_parameter_only_whichever_came_first(bool voidingFirst)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("1.0.3", Both);
        var id = Guid.NewGuid();
        var voiding = Guid.NewGuid();
        string[] order = voidingFirst ? [Voiding(id, voiding), Statement(id)] : [Statement(id), Voiding(id, voiding)];
        foreach (var statement in order)
        {
            await client.StoredAsync(statement);
        }

        using var gone = await client.GetAsync($"{Statements}?statementId={id:D}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(id, (await client.ReadAsync($"{Statements}?voidedStatementId={id:D}"))["id"]!.GetValue<Guid>());

        // What refers to it is found by what it says, though it is not.
        Assert.Equal([voiding], await client.IdsAsync(Agent("ann")));

        var unvoid = Assert.Single(await client.StoredAsync(Voiding(voiding)));
        Assert.Equal(new HashSet<Guid> { voiding, unvoid }, (await client.IdsAsync("")).ToHashSet());
    }

    [Fact]
    public async Task References_are_followed_at_any_remove_and_when_their_target_comes_last()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Both);
        var (first, second, third) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await client.StoredAsync(Statement(third, actor: "cleo", target: Reference(second)));
        await client.StoredAsync(Statement(second, actor: "bob", target: Reference(first)));
        await client.StoredAsync(Statement(first, actor: "ann"));

        Assert.Equal([third, second, first], await client.IdsAsync(Agent("ann") + "&ascending=true"));
        Assert.Equal(new HashSet<Guid> { second, third }, (await client.IdsAsync(Agent("bob"))).ToHashSet());
        Assert.Equal([third], await client.IdsAsync(Agent("cleo")));
    }

    [Fact]
    public async Task Finds_statements_by_everything_they_mention()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Both);
        const string registration = "ec531277-b57b-4c15-8d91-d292c5b2b8f7";
        var plain = Assert.Single(await client.StoredAsync(Statement()));
        var rich = Assert.Single(await client.StoredAsync(Statement(actor: "bob", verb: "https://example.com/verbs/saw", activity: "https://lms.example/activities/2", rest:
            $$""","context":{"registration":"{{registration}}","instructor":{"account":{"homePage":"https://lms.example","name":"ann"} },"contextActivities":{"parent":{"id":"{{Activity}}"} } } """)));

        Assert.Equal([plain], await client.IdsAsync(Agent("ann")));
        Assert.Equal([rich, plain], await client.IdsAsync(Agent("ann") + "&related_agents=true"));
        Assert.Equal([plain], await client.IdsAsync("activity=" + Activity));
        Assert.Equal([rich, plain], await client.IdsAsync($"activity={Activity}&related_activities=true"));
        Assert.Equal([rich], await client.IdsAsync("verb=https://example.com/verbs/saw"));
        Assert.Equal([rich], await client.IdsAsync("registration=" + registration.ToUpperInvariant()));
        Assert.Equal([rich], await client.IdsAsync($"{Agent("ann")}&related_agents=true&verb=https://example.com/verbs/saw&activity={Activity}&related_activities=true"));
        Assert.Empty(await client.IdsAsync(Agent("ann") + "&verb=https://example.com/verbs/saw"));
        var stored = (await client.ReadAsync($"{Statements}?statementId={plain:D}"))["stored"]!.GetValue<string>();
        Assert.Equal([rich], await client.IdsAsync("since=" + stored));
        Assert.Equal([plain], await client.IdsAsync("until=" + stored));
    }

    [Fact]
    public async Task Pages_stay_whole_while_others_write()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Both);
        var ids = await client.StoredAsync([.. Enumerable.Range(0, 25).Select(_ => Statement())]);
        foreach (var ascending in (bool[])[false, true])
        {
            var seen = new List<Guid>();
            var next = $"{Statements}?limit=10&{Agent("ann")}&ascending={(ascending ? "true" : "false")}";
            while (next.Length > 0)
            {
                var page = await client.ReadAsync(next);
                seen.AddRange(page["statements"]!.AsArray().Select(s => s!["id"]!.GetValue<Guid>()));
                next = seen.Count < 100 ? page["more"]!.GetValue<string>() : "";
                await client.StoredAsync(Statement(actor: "somebody-else"), Statement());
            }

            // Newest first, what comes meanwhile is not seen; oldest first, it is at the end. Nothing is seen twice or passed over.
            Assert.Equal(ids, ascending ? seen.Take(ids.Length) : seen.AsEnumerable().Reverse());
            Assert.Distinct(seen);
            ids = ascending ? ids : await AllAsync(client);
        }
    }

    [Fact]
    public async Task Says_honestly_how_far_it_is_complete()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Both);
        var id = Assert.Single(await client.StoredAsync(Statement()));
        await using var connection = await fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var writing = new NpgsqlCommand("select now() from pg_advisory_xact_lock_shared(hashtextextended('xapi/' || $1, 40))", connection);
            writing.Parameters.Add(new() { Value = tenant.Name });
            var began = new DateTimeOffset((DateTime)(await writing.ExecuteScalarAsync())!);

            Assert.Equal(began, await CompleteAsync(client));
            Assert.Single(await client.StoredAsync(Statement()));

            // What is stored beyond that time is shown, but a reader who goes on from page to page does not pass it.
            Assert.Equal(2, (await client.IdsAsync("ascending=true")).Length);
            var page = await client.ReadAsync($"{Statements}?ascending=true&limit=1");
            Assert.Equal(id, Assert.Single(page["statements"]!.AsArray())!["id"]!.GetValue<Guid>());
            Assert.Single((await client.ReadAsync(page["more"]!.GetValue<string>()))["statements"]!.AsArray());
        }

        Assert.True(await CompleteAsync(client) > (await client.ReadAsync($"{Statements}?statementId={id:D}"))["stored"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task Keys_see_their_own_tenant_and_with_the_narrow_scope_their_own_statements()
    {
        var tenant = await fixture.TenantAsync(false);
        using var one = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite);
        using var two = await tenant.XapiAsync("2.0.0", Scopes.StatementsWrite, Scopes.StatementsReadMine);
        using var all = await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        using var stranger = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        var mine = Assert.Single(await one.StoredAsync(Statement()));
        var theirs = Assert.Single(await two.StoredAsync(Statement()));

        Assert.Equal([mine], await one.IdsAsync(Agent("ann")));
        Assert.Equal([theirs], await two.IdsAsync(""));
        Assert.Equal([theirs, mine], await all.IdsAsync(""));
        Assert.Empty(await stranger.IdsAsync(Agent("ann")));
        using var hidden = await one.GetAsync($"{Statements}?statementId={theirs:D}");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        using var reader = await tenant.XapiAsync("2.0.0", Scopes.StatementsRead);
        using var refused = await reader.SendAsync(Statement());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public void A_key_that_sees_its_own_statements_only_does_not_walk_through_all_others()
    {
        var context = new DefaultHttpContext();
        context.Features.Set(new XapiCall(LearningLedger.Xapi.XapiVersion.Two));
        var key = new TenantKey(new byte[32], new KeptKeys());

        var filter = StatementFilter.Read(
            new Parameters(context, StatementFilter.Known), key, new Caller("reader", "tenant", new HashSet<string> { Scopes.StatementsReadMine }, null, null, Bootstrap: false));

        var authority = new LearningLedger.Xapi.AgentIdentifier("account", "urn:learningledger:tenant:tenant", "reader");
        Assert.Contains(key.Of(new(LearningLedger.Xapi.MentionKind.RelatedAgent, authority.Text())), Assert.Single(filter.Keys));
        Assert.Equal("reader", filter.PostedBy);
    }

    [Fact]
    public async Task A_key_of_one_platform_posts_for_its_accounts_only()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = fixture.Client(await tenant.KeyAsync([Scopes.EventsWrite], sources: ["https://other.example"]));
        client.DefaultRequestHeaders.Add("X-Experience-API-Version", "2.0.0");

        using var refused = await client.SendAsync(Statement());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await client.StoredAsync(Statement().Replace("https://lms.example\",", "https://other.example\",", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Definitions_gather_and_the_canonical_form_shows_them()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        static string Described(string name) => Statement(target: $$"""{"id":"{{Activity}}","definition":{"name":{{{name}}},"type":"https://example.com/types/test"} }""");
        await client.StoredAsync(Described("\"en\":\"One\""), Described("\"de\":\"Eins\""));
        await client.StoredAsync(Described("\"fr\":\"Un\""));
        var plain = Assert.Single(await client.StoredAsync(Statement()));

        var known = await client.ReadAsync("/xapi/activities?activityId=" + Activity);
        Assert.Equal(["de", "en", "fr"], known["definition"]!["name"]!.AsObject().Select(n => n.Key).Order());
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        var shown = await client.ReadAsync($"{Statements}?statementId={plain:D}&format=canonical");
        Assert.Equal("""{"de":"Eins"}""", shown["object"]!["definition"]!["name"]!.ToJsonString());
        Assert.Null((await client.ReadAsync($"{Statements}?statementId={plain:D}"))["object"]!["definition"]);
    }

    private static async Task<Guid[]> AllAsync(HttpClient client) => [.. (await client.IdsAsync(Agent("ann") + "&limit=500")).Reverse()];

    private static async Task<DateTimeOffset> CompleteAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Statements);
        return DateTimeOffset.Parse(Assert.Single(answer.Headers.GetValues("X-Experience-API-Consistent-Through")), System.Globalization.CultureInfo.InvariantCulture);
    }
}
