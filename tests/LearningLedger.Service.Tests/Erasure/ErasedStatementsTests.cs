using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Xapi;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Erasure;

/// <summary>What the statement store keeps of an erased learner.</summary>
public sealed class ErasedStatementsTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Statements_attachments_and_documents_go_and_those_of_others_stay_and_do_not_name_the_learner_any_more()
    {
        var (tenant, client, admin) = await OpenAsync();
        var anns = await client.StoredAsync(Statement(), Statement(verb: "https://example.com/verbs/saw"));
        await AttachedAsync(client, "ann");
        var about = (await client.StoredAsync(Statement(
            actor: "bob", target: Reference(anns[0]), rest: ""","context":{"instructor":{"account":{"homePage":"https://lms.example","name":"ann"} } }"""))).Single();
        await PutDocumentsAsync(client, "ann");
        await PutDocumentsAsync(client, "bob");
        Assert.Equal([about], await client.IdsAsync($"{Agent("bob")}&limit=9"));
        Assert.Contains(about, await client.IdsAsync($"{Agent("ann")}&related_agents=true&limit=9"));
        var ann = await LearnerAsync(admin, "ann");

        await admin.EraseAsync(ann);

        Assert.Empty(await client.IdsAsync($"{Agent("ann")}&related_agents=true&limit=9"));
        Assert.Equal([about], await client.IdsAsync($"{Agent("bob")}&limit=9"));
        Assert.Equal([about], await client.IdsAsync("limit=9"));
        foreach (var address in (string[])[$"{Statements}?statementId={anns[0]:D}", State("ann"), Profile("ann")])
        {
            await client.RefusesAsync(address, HttpStatusCode.NotFound);
        }

        Assert.Equal(0, await fixture.CountAsync($"xapi.statement where stream = '{ann}'"));
        Assert.Equal(0, await fixture.CountAsync($"xapi.attachment where stream = '{ann}'"));
        Assert.Equal(2, await fixture.CountAsync($"xapi.document where tenant = '{tenant.Name}'"));
        Assert.Equal(0, await fixture.CountAsync("xapi.mention m where not exists (select from xapi.statement s where s.id = m.id)"));
        Assert.Equal(0, await fixture.CountAsync($"xapi.reference r where tenant = '{tenant.Name}' and not exists (select from xapi.statement s where s.tenant = r.tenant and s.id = r.id)"));
    }

    [Fact]
    public async Task An_old_statement_sent_again_is_known_and_stored_no_more_and_a_new_one_makes_a_new_learner()
    {
        var (tenant, client, admin) = await OpenAsync();
        var id = Guid.NewGuid();
        await client.StoredAsync(Statement(id));
        var ann = await LearnerAsync(admin, "ann");
        await admin.EraseAsync(ann);
        var before = await fixture.CountAsync($"ledger.mt_events where tenant_id = '{tenant.Name}'");

        Assert.Equal([id], await client.StoredAsync(Statement(id)));
        Assert.Equal(before, await fixture.CountAsync($"ledger.mt_events where tenant_id = '{tenant.Name}'"));
        Assert.Equal(0, await fixture.CountAsync($"registry.identity where tenant = '{tenant.Name}'"));

        var fresh = await client.StoredAsync(Statement(id), Statement(verb: "https://example.com/verbs/saw"));
        Assert.Equal([fresh[1]], await client.IdsAsync($"{Agent("ann")}&limit=9"));
        Assert.NotEqual(ann, await LearnerAsync(admin, "ann"));
    }

    [Fact]
    public async Task Statements_under_way_are_erased_with_the_rest_or_begin_anew()
    {
        var (tenant, client, admin) = await OpenAsync();
        await client.StoredAsync(Statement());
        using var stop = new CancellationTokenSource();
        var storing = Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await client.StoredAsync(Statement(), Statement(actor: $"p{n}"));
            }
        })).ToList();

        var ann = (Guid)(await tenant.FoundAsync("ann"))!;
        await admin.EraseAsync(ann);
        await Expectations.EventuallyAsync(async () => await tenant.FoundAsync("ann") is not null, "ann to come back");
        await stop.CancelAsync();
        await Task.WhenAll(storing);

        Assert.Equal(0, await fixture.CountAsync($"xapi.statement where stream = '{ann}'"));
        Assert.Equal(1, await fixture.CountAsync($"ledger.mt_events where stream_id = '{ann}' and data <> '{{}}'"));
        Assert.Equal(
            await fixture.CountAsync($"ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'statement.stored' and data <> '{{}}'"),
            await fixture.CountAsync($"xapi.statement where tenant = '{tenant.Name}'"));
    }

    private static string State(string name) => $"/xapi/activities/state?activityId={Activity}&{Agent(name)}&stateId=s";

    private static string Profile(string name) => $"/xapi/agents/profile?{Agent(name)}&profileId=p";

    private static async Task PutDocumentsAsync(HttpClient client, string name)
    {
        foreach (var address in (string[])[State(name), Profile(name)])
        {
            using var put = await client.PutAsync(address, LedgerFixture.Json("{}"));
            await put.ShouldBeAsync(HttpStatusCode.NoContent);
        }
    }

    private static async Task AttachedAsync(HttpClient client, string actor)
    {
        var bytes = Encoding.UTF8.GetBytes("an essay");
        var sha2 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        using var content = new MultipartContent("mixed");
        content.Add(LedgerFixture.Json(Statement(
            actor: actor, rest: $$""","attachments":[{"usageType":"https://example.com/essay","display":{"en":"Essay"},"contentType":"text/plain","length":{{bytes.Length}},"sha2":"{{sha2}}"}]""")));
        var part = new ByteArrayContent(bytes);
        part.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        part.Headers.Add("Content-Transfer-Encoding", "binary");
        part.Headers.Add("X-Experience-API-Hash", sha2);
        content.Add(part);
        using var answer = await client.PostAsync(Statements, content);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    private static async Task<Guid> LearnerAsync(HttpClient admin, string name) =>
        (Guid)JsonNode.Parse(await admin.GetStringAsync($"/v1/learners?source={Uri.EscapeDataString("https://lms.example")}&subject={name}"))!["id"]!;

    private async Task<(Tenant Tenant, HttpClient Client, HttpClient Admin)> OpenAsync()
    {
        var tenant = await fixture.TenantAsync(false);
        return (tenant, await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi), await tenant.ClientAsync(Scopes.Admin, Scopes.TranscriptsRead));
    }
}
