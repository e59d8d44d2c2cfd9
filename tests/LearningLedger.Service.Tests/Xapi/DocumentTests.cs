using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

public sealed class DocumentTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly string State = $"/xapi/activities/state?activityId={Activity}&{Agent("ann")}&stateId=s";
    private static readonly string ActivityProfile = $"/xapi/activities/profile?activityId={Activity}&profileId=p";
    private static readonly string AgentProfile = $"/xapi/agents/profile?{Agent("ann")}&profileId=p";

    public static TheoryData<string, string, HttpStatusCode, HttpStatusCode> PutsWithoutPrecondition => new()
    {
        { "1.0.3", State, HttpStatusCode.NoContent, HttpStatusCode.NoContent },
        { "1.0.3", ActivityProfile, HttpStatusCode.BadRequest, HttpStatusCode.Conflict },
        { "1.0.3", AgentProfile, HttpStatusCode.BadRequest, HttpStatusCode.Conflict },
        { "2.0.0", State, HttpStatusCode.NoContent, HttpStatusCode.Conflict },
        { "2.0.0", ActivityProfile, HttpStatusCode.NoContent, HttpStatusCode.Conflict },
        { "2.0.0", AgentProfile, HttpStatusCode.NoContent, HttpStatusCode.Conflict },
    };

    [Theory]
    [MemberData(nameof(PutsWithoutPrecondition))]
    public async Task Each_version_says_when_a_put_must_name_what_it_replaces(string version, string address, HttpStatusCode fresh, HttpStatusCode there)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync(version, Scopes.AllOfXapi);
        using var first = await client.PutAsync(address, Text("{}"));
        await first.ShouldBeAsync(fresh);
        using var made = await client.PostAsync(address, Text("{\"a\":1}"));
        await made.ShouldBeAsync(HttpStatusCode.NoContent);
        using var second = await client.PutAsync(address, Text("{\"b\":1}"));
        await second.ShouldBeAsync(there);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_change_to_another_state_than_the_one_named_is_refused(string method)
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        using var made = await client.PutAsync(State, Text("{\"a\":1}"));
        await made.ShouldBeAsync(HttpStatusCode.NoContent);
        using var got = await client.GetAsync(State);

        using var wrong = await SendAsync("\"0123\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, wrong.StatusCode);
        Assert.Equal("""{"a":1}""", await client.GetStringAsync(State));
        using var right = await SendAsync(got.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);

        Task<HttpResponseMessage> SendAsync(string tag)
        {
            var request = new HttpRequestMessage(new HttpMethod(method), State) { Content = method == "DELETE" ? null : Text("{\"b\":2}") };
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(tag));
            return client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Of_many_who_make_a_document_at_once_one_does()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, AgentProfile) { Content = Text($"{{\"by\":{i}}}") };
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }));

        Assert.Single(answers, HttpStatusCode.NoContent);
        Assert.Equal(11, answers.Count(a => a == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Merging_takes_json_objects_only()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("1.0.3", Scopes.AllOfXapi);
        await (await client.PostAsync(State, Text("{\"a\":1,\"b\":{\"x\":1}}"))).ShouldBeAsync(HttpStatusCode.NoContent);
        await (await client.PostAsync(State, Text("{\"b\":2}"))).ShouldBeAsync(HttpStatusCode.NoContent);
        await (await client.PostAsync(State, Text("[]"))).ShouldBeAsync(HttpStatusCode.BadRequest);
        await (await client.PostAsync(State, Text("plain", "text/plain"))).ShouldBeAsync(HttpStatusCode.BadRequest);

        Assert.Equal("""{"a":1,"b":2}""", await client.GetStringAsync(State));
    }

    [Fact]
    public async Task Lists_ids_by_registration_and_time_and_removes_them_together()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        var all = State.Replace("&stateId=s", "", StringComparison.Ordinal);
        var registration = Guid.NewGuid();
        await (await client.PutAsync(State, Text("{}"))).ShouldBeAsync(HttpStatusCode.NoContent);
        await (await client.PutAsync($"{all}&stateId=t&registration={registration:D}", Text("{}"))).ShouldBeAsync(HttpStatusCode.NoContent);

        Assert.Equal("""["s","t"]""", await client.GetStringAsync(all));
        Assert.Equal("""["t"]""", await client.GetStringAsync($"{all}&registration={registration:D}"));
        Assert.Equal("[]", await client.GetStringAsync(all + "&since=2999-01-01T00:00:00Z"));
        await (await client.DeleteAsync(all)).ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("[]", await client.GetStringAsync(all));
        await (await client.GetAsync(State)).ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Documents_of_one_tenant_are_not_anothers()
    {
        using var client = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        using var stranger = await (await fixture.TenantAsync(false)).XapiAsync("2.0.0", Scopes.AllOfXapi);
        await (await client.PutAsync(State, Text("{}"))).ShouldBeAsync(HttpStatusCode.NoContent);

        await (await stranger.GetAsync(State)).ShouldBeAsync(HttpStatusCode.NotFound);
    }

    private static StringContent Text(string text, string mediaType = "application/json") => new(text, Encoding.UTF8, mediaType);
}
