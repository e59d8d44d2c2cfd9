using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Erasure;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Pages;

[Collection(DecisionCollection.Name)]
public class TranscriptPageTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Finds_a_learner_by_what_a_platform_calls_them()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ada", "alpha", 0.9);
        using var visitor = await ReaderAsync(room);

        using var found = await visitor.Client.GetAsync($"/learners?source={Uri.EscapeDataString(Tenant.Source)}&subject=ada");
        using var unknown = await visitor.Client.GetAsync($"/learners?source={Uri.EscapeDataString(Tenant.Source)}&subject=bob");

        Assert.Equal($"/learners/{learner:D}", found.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Shows_each_milestone_with_the_events_it_rests_on()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ada");
        using var visitor = await ReaderAsync(room);

        var page = await visitor.TextAsync($"/learners/{learner}/print");

        var transcript = await TranscriptAsync(room, learner);
        Assert.Contains("2 of 2 milestones stand", PageVisitor.Words(page));
        Assert.Equal(award, (Guid)transcript["milestones"]![1]!["award"]!);
        Assert.All(
            transcript["milestones"]!.AsArray().SelectMany(m => m!["basis"]!.AsArray()),
            basis => Assert.Contains((string)basis!["eventId"]!, page));
    }

    [Fact]
    public async Task Shows_a_flag_where_something_an_award_rests_on_was_voided()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, beta) = await room.WithBaseAsync("ada");
        using var visitor = await ReaderAsync(room);
        Assert.DoesNotContain("Flagged", await visitor.WordsAsync($"/learners/{learner}"));

        using var voided = await Classroom.VoidAsync(room.Board, learner, beta);
        await voided.ShouldBeAsync(HttpStatusCode.OK);

        var words = await visitor.WordsAsync($"/learners/{learner}");
        Assert.Contains("Flagged", words);
        Assert.Contains("voided: proctoring", words);
    }

    [Fact]
    public async Task Shows_how_it_stood_after_any_event_of_its_history()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ada");
        using var visitor = await ReaderAsync(room);
        Assert.Contains("1 of 2 milestones stand", await visitor.WordsAsync($"/learners/{learner}"));

        using var chosen = await visitor.Client.GetAsync($"/learners/{learner}?version=2");
        var then = await visitor.WordsAsync(chosen.Headers.Location!.OriginalString);

        Assert.Contains("0 of 2 milestones stand", then);
        Assert.Contains("This is how it stood", then);
        Assert.Contains("Rests on 2 events", then);
    }

    [Fact]
    public async Task The_print_names_the_bytes_it_shows()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.WithBaseAsync("ada");
        using var visitor = await ReaderAsync(room);
        var sequence = (long)(await TranscriptAsync(room, learner))["position"]!["sequence"]!;

        var print = await visitor.TextAsync($"/learners/{learner}/print?asOf=seq:{sequence}");
        await room.AttemptAsync("ada", "gamma", 0.2);

        var bytes = await room.Auditor.GetByteArrayAsync($"/v1/learners/{learner}/transcript?asOf=seq:{sequence}");
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(bytes)), print);
    }

    [Theory]
    [InlineData("?asOf=never", HttpStatusCode.BadRequest)]
    [InlineData("?asOf=seq:999999999", HttpStatusCode.BadRequest)]
    public async Task Says_why_a_point_of_history_cannot_be_shown(string query, HttpStatusCode status)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ada", "alpha", 0.9);
        using var visitor = await ReaderAsync(room);

        using var answer = await visitor.Client.GetAsync($"/learners/{learner}{query}");

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("asOf", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Says_that_a_learner_was_erased_also_as_of_a_moment_before()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _, _) = await room.WithPeakAsync("ada");
        using var visitor = await ReaderAsync(room);
        var sequence = (long)(await TranscriptAsync(room, learner))["position"]!["sequence"]!;
        await room.Admin.EraseAsync(learner);

        foreach (var page in (string[])["", $"?asOf=seq:{sequence}", "/print"])
        {
            var words = await visitor.WordsAsync($"/learners/{learner}{page}");
            Assert.Contains("This learner was erased by right on", words);
            Assert.DoesNotContain("milestones stand", words);
        }
    }

    [Fact]
    public async Task Another_organisations_learner_is_not_there()
    {
        using var room = await Classroom.OpenAsync(fixture);
        using var other = await Classroom.OpenAsync(fixture);
        var (learner, _) = await other.AttemptAsync("ada", "alpha", 0.9);
        using var visitor = await ReaderAsync(room);

        using var answer = await visitor.Client.GetAsync($"/learners/{learner}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Hands_the_proof_bundle_of_what_it_shows_to_auditors_who_are_signed_in_and_to_nobody_else()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ada", "alpha", 0.9);
        using var auditor = await PageVisitor.SignedInAsync(fixture, await room.Tenant.KeyAsync([Scopes.AuditRead]));
        using var reader = await ReaderAsync(room);
        using var stranger = new PageVisitor(fixture);
        var sequence = (long)(await TranscriptAsync(room, learner))["position"]!["sequence"]!;
        var path = $"/learners/{learner:D}/proof?asOf=seq:{sequence}";
        await room.AttemptAsync("ada", "beta", 0.1);

        Assert.Contains(path, await auditor.TextAsync($"/learners/{learner}?asOf=seq:{sequence}"));
        Assert.DoesNotContain("/proof?", await reader.TextAsync($"/learners/{learner}"));
        HttpResponseMessage? file = null;
        await Expectations.EventuallyAsync(async () => (file = await auditor.Client.GetAsync(path)).StatusCode == HttpStatusCode.OK, "a signed checkpoint to cover the events");
        using var bundle = file!;
        using var refused = await reader.Client.GetAsync(path);
        using var sentAway = await stranger.Client.GetAsync(path);
        using var withKey = await room.Auditor.GetAsync(path);

        Assert.Equal($"{learner:D}.llproof", bundle.Content.Headers.ContentDisposition!.FileName);
        var proof = JsonNode.Parse(await bundle.Content.ReadAsStringAsync())!["bundle"]!;
        Assert.Equal((learner, 2), ((Guid)proof["learner"]!, proof["entries"]!.AsArray().Count(e => e!["payload"] is not null)));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Found, sentAway.StatusCode);
        Assert.DoesNotContain("llproof", withKey.Content.Headers.ToString());
    }

    private async Task<PageVisitor> ReaderAsync(Classroom room) =>
        await PageVisitor.SignedInAsync(fixture, await room.Tenant.KeyAsync([Scopes.TranscriptsRead]));

    private static async Task<JsonNode> TranscriptAsync(Classroom room, Guid learner) =>
        JsonNode.Parse(await room.Auditor.GetStringAsync($"/v1/learners/{learner}/transcript"))!;
}
