using System.Net;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class ProtocolTests : IAsyncLifetime
{
    private readonly LedgerFixture fixture = new(new() { ["Ledger:Xapi:AllowedOrigins"] = "https://content.example" });

    public Task InitializeAsync() => fixture.InitializeAsync();

    public Task DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Attached_bytes_come_back_whole_beside_the_statement_and_lie_sealed()
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("2.0.0", Scopes.AllOfXapi);
        var bytes = RandomNumberGenerator.GetBytes(700_000);
        var sha2 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var id = Guid.NewGuid();
        var statement = Statement(id, rest:
            $$""","attachments":[{"usageType":"https://example.com/essay","display":{"en":"Essay"},"contentType":"application/pdf","length":{{bytes.Length}},"sha2":"{{sha2}}"}]""");
        using (var alone = await client.SendAsync(statement))
        {
            Assert.Equal("attachments[0]", (await alone.JsonAsync())["errors"]![0]!["field"]!.GetValue<string>());
        }

        using var content = new ByteArrayContent([
            .. Encoding.UTF8.GetBytes($"--b\r\nContent-Type: application/json\r\n\r\n{statement}\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha2}\r\n\r\n"),
            .. bytes, .. "\r\n--b--\r\n"u8]);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/mixed; boundary=b");
        using var posted = await client.PostAsync(Statements, content);
        await posted.ShouldBeAsync(HttpStatusCode.OK);

        using var answer = await client.GetAsync($"{Statements}?statementId={id:D}&attachments=true");
        var back = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal("multipart/mixed", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.True(back.AsSpan().IndexOf(bytes) > 0);
        Assert.Contains("X-Experience-API-Hash: " + sha2, Encoding.Latin1.GetString(back), StringComparison.Ordinal);
        using var plain = await client.GetAsync($"{Statements}?statementId={id:D}&attachments=false");
        Assert.Equal("application/json", plain.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task What_is_stored_never_runs_as_ours()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        const string address = "/xapi/activities/profile?activityId=https://x.example&profileId=page";
        using var put = await client.PutAsync(address, new StringContent("<script>alert(1)</script>", Encoding.UTF8, "text/html"));
        await put.ShouldBeAsync(HttpStatusCode.NoContent);
        using var answer = await client.GetAsync(address);

        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("sandbox", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task Pages_of_other_origins_may_ask_when_they_are_named()
    {
        using var client = fixture.Client(null);
        foreach (var (origin, allowed) in (ValueTuple<string, bool>[])[("https://content.example", true), ("https://evil.example", false)])
        {
            using var ask = new HttpRequestMessage(HttpMethod.Options, Statements);
            ask.Headers.Add("Origin", origin);
            ask.Headers.Add("Access-Control-Request-Method", "POST");
            using var answer = await client.SendAsync(ask);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal(allowed, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var named) && named.Single() == origin);
        }
    }

    [Fact]
    public async Task Version_one_takes_requests_in_forms_and_version_two_refuses_them()
    {
        var tenant = await fixture.TenantAsync(false);
        var key = (await tenant.KeyAsync([Scopes.AllOfXapi])).Split('_');
        using var client = fixture.Client(null);
        var id = Guid.NewGuid();
        using var one = await client.PostAsync(Statements + "?method=PUT", Form("1.0.3"));
        await one.ShouldBeAsync(HttpStatusCode.NoContent);
        using var two = await client.PostAsync(Statements + "?method=PUT", Form("2.0.0"));
        await two.ShouldBeAsync(HttpStatusCode.BadRequest);
        using var mixed = await client.PostAsync(Statements + "?method=PUT&statementId=" + id, Form("1.0.3"));
        await mixed.ShouldBeAsync(HttpStatusCode.BadRequest);
        using var reader = await tenant.XapiAsync("1.0.3", Scopes.AllOfXapi);
        Assert.Equal([id], await reader.IdsAsync(""));

        FormUrlEncodedContent Form(string version) => new(new Dictionary<string, string>
        {
            ["statementId"] = id.ToString("D"),
            ["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{key[1]}:{key[2]}")),
            ["X-Experience-API-Version"] = version,
            ["Content-Type"] = "application/json",
            ["content"] = Statement(),
        });
    }

    [Fact]
    public async Task Head_answers_as_get_without_a_body()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        var id = Assert.Single(await client.StoredAsync(Statement()));
        using var get = await client.GetAsync($"{Statements}?statementId={id:D}");
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{Statements}?statementId={id:D}"));

        await head.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }
}
