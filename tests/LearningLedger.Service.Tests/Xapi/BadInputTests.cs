using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class BadInputTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const string Json = "application/json";
    private const string Mixed = "multipart/mixed; boundary=b";

    public static TheoryData<string, string> Bodies => new()
    {
        { "null", Json },
        { "7", Json },
        { "", Json },
        { "[null]", Json },
        { "[[]]", Json },
        { "{", Json },
        { new string('[', 100_000), Json },
        { Statement(rest: ",\"result\":{\"extensions\":{\"https://x.example\":" + string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70) + "}}"), Json },
        { Statement(rest: ""","result":{"score":{"raw":1e999}}"""), Json },
        { Statement(rest: ""","result":{"response":"\u0000"}"""), Json },
        { Statement(rest: ""","result":{"response":"\ud800"}"""), Json },
        { Statement(rest: ""","\ud800":1"""), Json },
        { Statement(rest: ""","result":{"success":true},"result":{"success":false}"""), Json },
        { Statement(), "application/json; charset=utf-16" },
        { Statement(), "text/plain" },
        { Statement(), "multipart/mixed" },
        { Statement(), Mixed },
        { "--b\r\nContent-Type: application/json\r\n\r\n" + Statement(), Mixed },
        { "--b\r\nContent-Type: text/plain\r\n\r\n" + Statement() + "\r\n--b--", Mixed },
        { "--b\r\nContent-Type: application/json\r\n\r\n" + Statement() + "\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", Mixed },
        { $"--b\r\nContent-Type: application/json\r\n\r\n{Statement()}\r\n--b\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {new string('a', 64)}\r\n\r\nx\r\n--b--", Mixed },
        { "--b\r\nBad Header\r\n\r\n{}", Mixed },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Whatever_is_wrong_with_a_body_is_400_and_stores_nothing(string body, string mediaType)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        using var answer = await client.PostAsync(Statements, content);

        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await client.IdsAsync(""));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_400()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(Statement(rest: ",\"result\":{\"response\":\"")), 0xFF, .. "\"}}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue(Json);
        using var answer = await client.PostAsync(Statements, content);

        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_fault_is_named_by_statement_and_path_and_nothing_of_the_request_is_stored()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("1.0.3", Scopes.AllOfXapi);
        using var answer = await client.SendAsync(Statement(), Statement(rest: ""","context":{"team":{"objectType":"Group","member":[{"mbox":"x"}]}}"""));

        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
        var fault = Assert.Single((await answer.JsonAsync())["errors"]!.AsArray())!;
        Assert.Equal((1, "context.team.member[0].mbox"), (fault["index"]!.GetValue<int>(), fault["field"]!.GetValue<string>()));
        Assert.Empty(await client.IdsAsync(""));
    }

    [Theory]
    [InlineData("statements?foo=1")]
    [InlineData("statements?Verb=https://example.com/v")]
    [InlineData("statements?verb=did")]
    [InlineData("statements?agent=7")]
    [InlineData("statements?agent=%7B%22objectType%22%3A%22Group%22%2C%22member%22%3A%5B%7B%22mbox%22%3A%22mailto%3Aa%40example.com%22%7D%5D%7D")]
    [InlineData("statements?since=yesterday")]
    [InlineData("statements?limit=-1")]
    [InlineData("statements?limit=1&limit=2")]
    [InlineData("statements?ascending=yes")]
    [InlineData("statements?format=pdf")]
    [InlineData("statements?statementId=7")]
    [InlineData("statements?statementId=6690e6c9-3ef0-4ed3-8b37-7f3964730bee&verb=https://example.com/v")]
    [InlineData("statements/more?cursor=x")]
    [InlineData("activities")]
    [InlineData("agents?agent=null")]
    [InlineData("activities/state?activityId=https://x.example&agent={}")]
    public async Task Parameters_that_mean_nothing_are_400(string address)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        using var answer = await client.GetAsync("/xapi/" + address);

        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0.95")]
    [InlineData("1.1")]
    [InlineData("3.0.0")]
    public async Task A_request_without_a_version_spoken_here_is_400_and_told_which_are(string? version)
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.ClientAsync(Scopes.AllOfXapi);
        if (version is not null)
        {
            client.DefaultRequestHeaders.Add("X-Experience-API-Version", version);
        }

        using var answer = await client.GetAsync(Statements);
        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
        Assert.Equal("2.0.0", Assert.Single(answer.Headers.GetValues("X-Experience-API-Version")));
        using var open = fixture.Client(null);
        Assert.Equal(["1.0.3", "2.0.0"], (await open.ReadAsync("/xapi/about"))["version"]!.AsArray().Select(v => v!.GetValue<string>()));
        using var unknown = await open.GetAsync(Statements);
        Assert.NotEqual(HttpStatusCode.OK, unknown.StatusCode);
    }
}
