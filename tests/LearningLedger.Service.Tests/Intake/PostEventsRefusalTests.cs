using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Intake;

public sealed class PostEventsRefusalTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const string Batch = "application/cloudevents-batch+json";
    private const string One = "application/cloudevents+json";
    private const string Lines = "application/x-ndjson";

    private static readonly Guid Evidence = new("0d9f8a52-5b0e-4f0e-8a43-6f1f6f4f0c11");

    public static TheoryData<string, string, string> Faulty => new()
    {
        { """{"source":"https://x","subject":"a","time":"2026-01-01T00:00:00Z","type":"skill.attempted","id":"1","data":{"skill":"alpha","score":1}}""", "specversion", "is required" },
        { Tenant.Attempt("1", "a", "alpha", 1).Replace("\"1.0\"", "\"0.3\"", StringComparison.Ordinal), "specversion", "1.0" },
        { Tenant.Attempt("", "a", "alpha", 1), "id", "empty" },
        { Tenant.Attempt("1", "", "alpha", 1), "subject", "empty" },
        { Tenant.Attempt("1", "a", "alpha", 1).Replace("\"subject\":\"a\"", "\"subject\":7", StringComparison.Ordinal), "subject", "string" },
        { Tenant.Attempt("1", "a", "alpha", 1).Replace("https://platform.example/lms", "not a uri", StringComparison.Ordinal), "source", "URI" },
        { Tenant.Attempt("1", "a", "alpha", 1, "2026-01-01T00:00:00"), "time", "zone" },
        { Tenant.Attempt("1", "a", "alpha", 1, "2026-02-30T00:00:00Z"), "time", "RFC 3339" },
        { Tenant.Attempt("1", "a", "alpha", 1, "2999-01-01T00:00:00Z"), "time", "ahead" },
        { Tenant.Event("1", "a", "skill.mastered", "{}"), "type", "not taken" },
        { Tenant.Event("1", "a", "learner.registered", "{}"), "type", "not taken" },
        { Tenant.Event("1", "a", "skill.attempted", "[1]"), "data", "object" },
        { Tenant.Event("1", "a", "skill.attempted", """{"score":1}"""), "data.skill", "required" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha"}"""), "data.score", "required" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":"1"}"""), "data.score", "number" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1.01}"""), "data.score", "0 to 1" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":-0.01}"""), "data.score", "0 to 1" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":0.10000000000000000001}"""), "data.score", "exactly" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1e-40}"""), "data.score", "decimals" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"Alpha Skill","score":1}"""), "data.skill", "code" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"unheard-of","score":1}"""), "data.skill", "no published framework" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1,"scroe":1}"""), "data.scroe", "not a field" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1,"duration":"12 minutes"}"""), "data.duration", "ISO 8601" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1,"registration":"7"}"""), "data.registration", "UUID" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1,"activity":"a b"}"""), "data.activity", "URI" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1,"activity":"/course/7"}"""), "data.activity", "absolute" },
        { Tenant.Event("1", "a", "skill.attempted", """{"skill":"alpha","score":1,"activity":"https://x/\u0000"}"""), "data", "NUL" },
        { Tenant.Evidence("1", "a", Evidence).Replace(new string('a', 64), "abc", StringComparison.Ordinal), "data.sha256", "64 hex" },
        { Tenant.Evidence("1", "a", Evidence).Replace("\"size\":3", "\"size\":-1", StringComparison.Ordinal), "data.size", "0 or more" },
        { Tenant.Evidence("1", "a", Evidence).Replace("application/pdf", "pdf", StringComparison.Ordinal), "data.mediaType", "media type" },
        { Tenant.Evidence("1", "a", Evidence, "\"alpha\",\"alpha\""), "data.skills[1]", "twice" },
        { Tenant.Evidence("1", "a", Evidence, ""), "data.skills", "1 to" },
        { Tenant.Evidence("1", "a", Evidence).Replace("\"title\"", "\"milestone\":\"nope\",\"title\"", StringComparison.Ordinal), "data.milestone", "no published framework" },
        { Tenant.Event("1", "a", "evidence.withdrawn", $$"""{"evidence":"{{Evidence}}"}"""), "data.reason", "required" },
        { Tenant.Event("1", "a", "cohort.joined", """{"cohort":"nope"}"""), "data.cohort", "not known" },
        { "7", "$", "object" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task Names_the_field_that_is_wrong(string wrong, string field, string message)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json($"[{Tenant.Attempt("good", "a", "alpha", 1)},{wrong}]", Batch));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        var fault = Assert.Single((await answer.JsonAsync())["errors"]!.AsArray())!;
        Assert.Equal(1, (int)fault["index"]!);
        Assert.Equal(field, (string)fault["field"]!);
        Assert.Contains(message, (string)fault["message"]!, StringComparison.Ordinal);
        Assert.Equal(1, (int)(await Tenant.PostAsync(client, Tenant.Attempt("good", "a", "alpha", 1)))["accepted"]!);
    }

    [Fact]
    public async Task Lists_every_fault_of_every_event()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(
            $"[{Tenant.Event("", "", "skill.attempted", """{"skill":"alpha","score":2}""")},7]", Batch));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(["0 id", "0 subject", "0 data.score", "1 $"], (await answer.JsonAsync())["errors"]!.AsArray().Select(e => $"{e!["index"]} {e["field"]}"));
    }

    [Theory]
    [InlineData(One, "{", HttpStatusCode.BadRequest)]
    [InlineData(Batch, "{}", HttpStatusCode.BadRequest)]
    [InlineData(Batch, "", HttpStatusCode.BadRequest)]
    [InlineData(Lines, "{}\n{", HttpStatusCode.BadRequest)]
    [InlineData(One, """{"id":"1","id":"2"}""", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{}", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", "x", HttpStatusCode.UnsupportedMediaType)]
    public async Task Refuses_what_is_no_event_at_all(string mediaType, string body, HttpStatusCode status)
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(body, mediaType));

        await answer.ShouldBeAsync(status);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Refuses_another_charset()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        using var body = new ByteArrayContent(Encoding.Latin1.GetBytes("[]"));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(Batch + "; charset=iso-8859-1");

        using var answer = await client.PostAsync("/v1/events", body);

        await answer.ShouldBeAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Refuses_one_id_with_two_contents_in_one_request()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(
            $"[{Tenant.Attempt("1", "a", "alpha", 1)},{Tenant.Attempt("1", "a", "alpha", 0)}]", Batch));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("id", (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
    }

    [Fact]
    public async Task Refuses_a_batch_over_the_limit_and_a_body_over_the_limit()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        client.DefaultRequestHeaders.ExpectContinue = true;
        var many = $"[{string.Join(',', Enumerable.Range(0, 5_001).Select(i => Tenant.Attempt($"{i}", "a", "alpha", 1)))}]";

        using var tooMany = await client.PostAsync("/v1/events", LedgerFixture.Json(many, Batch));
        using var tooLarge = await client.PostAsync("/v1/events", LedgerFixture.Json(new string(' ', (16 * 1024 * 1024) + 1), Batch));

        await tooMany.ShouldBeAsync(HttpStatusCode.RequestEntityTooLarge);
        await tooLarge.ShouldBeAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Refuses_without_a_key_with_a_wrong_key_without_the_scope_and_for_a_foreign_source()
    {
        var tenant = await fixture.TenantAsync();
        using var nobody = fixture.Client(null);
        using var stranger = fixture.Client(KeyText.Make().ToString());
        using var reader = await tenant.ClientAsync(Scopes.TranscriptsRead);
        using var elsewhere = fixture.Client(await tenant.KeyAsync([Scopes.EventsWrite], sources: ["https://other.example"]));

        foreach (var (client, status) in new[] { (nobody, 401), (stranger, 401), (reader, 403), (elsewhere, 403) })
        {
            // Media type and body are wrong too: who asks is settled before either is looked at, but for the source, which the body names.
            var body = client == elsewhere ? LedgerFixture.Json(Tenant.Attempt("1", "a", "alpha", 1), One) : LedgerFixture.Json("no json", "text/plain");
            using var answer = await client.PostAsync("/v1/events", body);
            await answer.ShouldBeAsync((HttpStatusCode)status);
        }
    }

    [Fact]
    public async Task Refuses_a_malformed_correlation_id()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        client.DefaultRequestHeaders.Add("X-Correlation-ID", "ann@example.org");

        using var answer = await client.PostAsync("/v1/events", LedgerFixture.Json(Tenant.Attempt("1", "a", "alpha", 1), One));

        await answer.ShouldBeAsync(HttpStatusCode.BadRequest);
    }
}
