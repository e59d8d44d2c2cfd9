using System.Net;
using System.Net.Http.Headers;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Awards;

/// <summary>What every route of decisions refuses before it looks at what is wanted.</summary>
[Collection(DecisionCollection.Name)]
public sealed class DecisionRefusalTests(LedgerFixture fixture)
{
    /// <summary>Method, path with {L} for the learner and {X} for any other id, the scope it needs.</summary>
    public static TheoryData<string, string, string> Routes => new()
    {
        { "POST", "/v1/learners/{L}/evidence/{X}/reviews", Scopes.EvidenceReview },
        { "POST", "/v1/learners/{L}/attempts/{X}/void", Scopes.AwardsDecide },
        { "POST", "/v1/learners/{L}/awards", Scopes.AwardsDecide },
        { "POST", "/v1/learners/{L}/awards/{X}/affirm", Scopes.AwardsDecide },
        { "POST", "/v1/learners/{L}/awards/{X}/suspend", Scopes.AwardsDecide },
        { "POST", "/v1/learners/{L}/awards/{X}/reinstate", Scopes.AwardsDecide },
        { "POST", "/v1/learners/{L}/awards/{X}/revoke", Scopes.AwardsDecide },
        { "POST", "/v1/learners/{L}/awards/{X}/renew", Scopes.AwardsDecide },
        { "GET", "/v1/learners/{L}/awards/{X}", Scopes.TranscriptsRead },
        { "GET", "/v1/learners/{L}/awards/{X}/replay", Scopes.AuditRead },
        { "GET", "/v1/learners/{L}/milestones/base", Scopes.TranscriptsRead },
        { "GET", "/v1/audit/duties", Scopes.AuditRead },
        { "POST", "/v1/frameworks/small/evaluate", Scopes.Admin },
    };

    /// <summary>Those that take a body.</summary>
    public static TheoryData<string, string> Commands
    {
        get
        {
            var commands = new TheoryData<string, string>();
            foreach (var row in Routes.Where(r => (string)r[0] == "POST" && ((string)r[1]).Contains("{L}", StringComparison.Ordinal)))
            {
                commands.Add((string)row[1], (string)row[2]);
            }

            return commands;
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_without_a_key_and_without_the_scope(string method, string path, string scope)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);
        string[] others = [.. Scopes.All.Where(s => !Scopes.Allow(new HashSet<string> { s }, scope))];
        using var nobody = fixture.Client(null);
        using var scopeless = fixture.Client(await room.Tenant.KeyAsync(others));

        using var unknown = await SendAsync(nobody, method, path, learner, body: "not even JSON");
        using var forbidden = await SendAsync(scopeless, method, path, learner, body: "not even JSON");

        await unknown.ShouldBeAsync(HttpStatusCode.Unauthorized);
        await forbidden.ShouldBeAsync(HttpStatusCode.Forbidden);
        Assert.Equal(scope, (string)(await forbidden.JsonAsync())["scope"]!);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Knows_no_learner_of_another_tenant(string method, string path, string scope)
    {
        if (!path.Contains("{L}", StringComparison.Ordinal))
        {
            return;
        }

        using var room = await Classroom.OpenAsync(fixture);
        var (foreign, _) = await room.AttemptAsync("ann", "alpha", 0.9);
        var here = await fixture.TenantAsync();
        using var client = await here.ClientAsync(scope);

        using var another = await SendAsync(client, method, path, foreign);
        using var nobodys = await SendAsync(client, method, path, Guid.NewGuid());

        await another.ShouldBeAsync(HttpStatusCode.NotFound);
        await nobodys.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.Equal(
            (await nobodys.Content.ReadAsStringAsync()).Length, (await another.Content.ReadAsStringAsync()).Length);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Refuses_what_is_not_JSON(string path, string scope)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);
        using var client = await room.Tenant.ClientAsync(scope);

        using var xml = await SendAsync(client, "POST", path, learner, "<a/>", "application/xml");
        using var broken = await SendAsync(client, "POST", path, learner, "{");

        await xml.ShouldBeAsync(HttpStatusCode.UnsupportedMediaType);
        await broken.ShouldBeAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Refuses_when_the_stream_has_moved_on(string path, string scope)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.9);
        using var client = await room.Tenant.ClientAsync(scope);

        using var moved = await SendAsync(client, "POST", path, learner, ifMatch: "\"1\"");
        using var nonsense = await SendAsync(client, "POST", path, learner, ifMatch: "\"one\"");

        await moved.ShouldBeAsync(HttpStatusCode.PreconditionFailed);
        Assert.Equal(2, (int)(await moved.JsonAsync())["version"]!);
        await nonsense.ShouldBeAsync(HttpStatusCode.BadRequest);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, string method, string path, Guid learner, string? body = null, string mediaType = "application/json", string? ifMatch = null)
    {
        var target = path.Replace("{L}", learner.ToString(), StringComparison.Ordinal).Replace("{X}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (method == "POST")
        {
            request.Content = LedgerFixture.Json(body ?? Suitable(path), mediaType);
        }

        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(ifMatch));
        }

        return await client.SendAsync(request);
    }

    private static string Suitable(string path) =>
        path.EndsWith("/reviews", StringComparison.Ordinal) ? """{"decision":"accepted"}"""
        : path.EndsWith("/awards", StringComparison.Ordinal) ? """{"milestone":"base"}"""
        : """{"reason":"x"}""";
}
