using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Pages;

[Collection(DecisionCollection.Name)]
public partial class AuditPageTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Shows_who_did_what_by_actor_stream_and_correlation()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ada");
        var (other, _) = await room.AttemptAsync("bob", "alpha", 0.5);
        using var tied = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
        {
            Headers = { { "X-Correlation-ID", "sitting-7" } },
            Content = LedgerFixture.Json($"[{Tenant.Attempt("tied", "bob", "beta", 0.6)}]", "application/cloudevents-batch+json"),
        };
        using var posted = await room.Platform.SendAsync(tied);
        await posted.ShouldBeAsync(HttpStatusCode.OK);
        using var visitor = await AuditorAsync(room);

        var byActor = await visitor.TextAsync("/audit?actor=person:assessor");
        var byStream = await visitor.TextAsync($"/audit?stream={other}");
        var byCorrelation = await visitor.WordsAsync("/audit?correlation=sitting-7");

        Assert.Contains("Evidence reviewed", byActor);
        Assert.DoesNotContain("Skill attempted", byActor);
        Assert.Contains(other.ToString("D"), byStream);
        Assert.DoesNotContain($"/learners/{learner:D}", byStream);
        Assert.Contains("1 event,", byCorrelation);
    }

    [Fact]
    public async Task Leaves_out_what_was_recorded_at_another_time()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ada", "alpha", 0.5);
        using var visitor = await AuditorAsync(room);

        Assert.Contains("No event matches", await visitor.WordsAsync("/audit?to=2020-01-01T00:00"));
        Assert.Contains("Skill attempted", await visitor.WordsAsync("/audit?from=2020-01-01T00:00"));
    }

    [Fact]
    public async Task Pages_through_the_whole_trail_without_a_gap()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await Tenant.PostAsync(room.Platform, [.. Enumerable.Range(0, 150).Select(i => Tenant.Attempt($"e{i}", "ada", "alpha", 0.5))]);
        using var visitor = await AuditorAsync(room);

        var (path, seen) = ("/audit", new List<string>());
        while (path is not null)
        {
            var page = await visitor.TextAsync(path);
            seen.AddRange(EventId().Matches(page).Select(m => m.Value));
            path = Next().Match(page) is { Success: true } next ? WebUtility.HtmlDecode(next.Groups[1].Value) : null!;
        }

        await using var connection = await fixture.Database().OpenConnectionAsync();
        await using var count = new Npgsql.NpgsqlCommand($"select count(*) from ledger.mt_events where tenant_id = '{room.Tenant.Name}'", connection);
        Assert.Equal((long)(await count.ExecuteScalarAsync())!, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Never_shows_another_organisations_events()
    {
        using var room = await Classroom.OpenAsync(fixture);
        using var other = await Classroom.OpenAsync(fixture);
        var (learner, _) = await other.AttemptAsync("ada", "alpha", 0.9);
        using var visitor = await AuditorAsync(room);

        Assert.DoesNotContain(learner.ToString("D"), await visitor.TextAsync("/audit"));
        Assert.Contains("No event matches", await visitor.WordsAsync($"/audit?stream={learner}"));
    }

    [Fact]
    public async Task Links_to_a_transcript_only_where_the_stream_is_a_learners()
    {
        using var room = await Classroom.OpenAsync(fixture);
        foreach (var actor in new[] { $$"""{"account":{"homePage":"{{Tenant.Source}}","name":"ada"} }""", """{"objectType":"Group","name":"Team","member":[{"mbox":"mailto:team@lms.example"}]}""" })
        {
            using var statement = new HttpRequestMessage(HttpMethod.Post, "/xapi/statements")
            {
                Content = LedgerFixture.Json($$"""{"actor":{{actor}},"verb":{"id":"http://adlnet.gov/expapi/verbs/completed"},"object":{"id":"https://lms.example/activities/7"} }"""),
                Headers = { { "X-Experience-API-Version", "2.0.0" } },
            };
            using var stored = await room.Platform.SendAsync(statement);
            await stored.ShouldBeAsync(HttpStatusCode.OK);
        }

        var streams = new Dictionary<string, string>();
        await using (var command = fixture.Database().CreateCommand(
            $"select s.type, s.id::text from ledger.mt_events e join ledger.mt_streams s on s.tenant_id = e.tenant_id and s.id = e.stream_id where e.tenant_id = '{room.Tenant.Name}' and e.type = 'statement.stored'"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) streams.Add(reader.GetString(0), reader.GetString(1));
        }

        using var visitor = await AuditorAsync(room);
        var page = await visitor.TextAsync("/audit");

        Assert.Contains($"/learners/{streams["learner"]}?asOf", page);
        Assert.Contains(streams["statement"], page);
        Assert.DoesNotContain($"/learners/{streams["statement"]}", page);
    }

    private async Task<PageVisitor> AuditorAsync(Classroom room) =>
        await PageVisitor.SignedInAsync(fixture, await room.Tenant.KeyAsync([Scopes.AuditRead]));

    [System.Text.RegularExpressions.GeneratedRegex("(?<=<dt>Event id</dt><dd><code>)[0-9a-f-]{36}")]
    private static partial System.Text.RegularExpressions.Regex EventId();

    [System.Text.RegularExpressions.GeneratedRegex("class=\"button\" href=\"([^\"]+)\"")]
    private static partial System.Text.RegularExpressions.Regex Next();
}
