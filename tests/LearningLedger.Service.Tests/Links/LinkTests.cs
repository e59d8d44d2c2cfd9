using System.Net;
using System.Text.Json;
using LearningLedger.Bundles;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using Microsoft.Extensions.DependencyInjection;
using XapiClient = LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Links;

public sealed class LinkTests(ProofBundleTests.Brisk fixture) : IClassFixture<ProofBundleTests.Brisk>
{
    private const string Lms = "https://lms.example";

    [Fact]
    public async Task Joined_learners_are_judged_as_one_and_their_identifiers_mean_the_one_who_leads()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("ann", "alpha", 0.9);
        var (other, beta) = await room.AttemptAsync("ann-at-work", "beta", 0.8);
        var evidence = await room.AcceptedEvidenceAsync("ann-at-work", other, "beta", room.Assessor);
        using var missing = await Classroom.AwardAsync(room.Board, lead, "base");
        await missing.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);

        await LinkAsync(room, lead, other);

        await room.AwardedAsync(lead, "base");
        var transcript = await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{lead:D}/transcript");
        Assert.Equal(["alpha", "beta"], transcript["skills"]!.AsArray().Select(s => s!["skill"]!.GetValue<string>()));
        Assert.Equal([other], transcript["linked"]!.AsArray().Select(l => l!.GetValue<Guid>()));
        Assert.Contains(transcript["milestones"]![0]!["basis"]!.AsArray(), b => b!["eventId"]!.GetValue<Guid>() == beta && b["sequence"] is not null);
        var (now, gamma) = await room.AttemptAsync("ann-at-work", "gamma", 0.9);
        Assert.Equal(lead, now);
        Assert.Equal(lead, (await XapiClient.ReadAsync(room.Auditor, "/v1/learners?source=https://platform.example/lms&subject=ann-at-work"))["id"]!.GetValue<Guid>());
        Assert.Equal(lead, (await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{other:D}/transcript"))["linkedInto"]!.GetValue<Guid>());

        // What lies in the other's stream is decided there, and nothing is granted there.
        using var elsewhere = await Classroom.VoidAsync(room.Board, lead, beta);
        Assert.Equal(HttpStatusCode.Conflict, elsewhere.StatusCode);
        Assert.Contains($"{other}", await elsewhere.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var granted = await Classroom.AwardAsync(room.Board, other, "peak");
        Assert.Equal(HttpStatusCode.Conflict, granted.StatusCode);
        using var voided = await Classroom.VoidAsync(room.Board, other, beta);
        await voided.ShouldBeAsync(HttpStatusCode.OK);
        Assert.True((await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{lead:D}/transcript"))["milestones"]![0]!["flagged"]!.GetValue<bool>());
        Assert.NotEqual(Guid.Empty, evidence);
        Assert.NotEqual(Guid.Empty, gamma);
    }

    [Fact]
    public async Task A_split_gives_each_their_own_again_and_flags_what_rested_on_the_other()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("bob", "alpha", 0.9);
        var (other, _) = await room.AttemptAsync("bob-at-work", "beta", 0.8);
        await room.AcceptedEvidenceAsync("bob", lead, "alpha", room.Assessor);
        await LinkAsync(room, lead, other);
        await room.AwardedAsync(lead, "base");
        var sequence = (await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{lead:D}/transcript"))["position"]!["sequence"]!.GetValue<long>();
        using var then = await room.Auditor.GetAsync($"/v1/learners/{lead:D}/transcript?asOf=seq:{sequence}");
        var before = await then.Content.ReadAsStringAsync();

        using var ended = await room.Admin.PostAsync($"/v1/learners/{lead:D}/links/{other:D}/end", LedgerFixture.Json("""{"reason":"joined-by-mistake","note":"Two Bobs."}"""));
        await ended.ShouldBeAsync(HttpStatusCode.OK);

        var transcript = await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{lead:D}/transcript");
        Assert.Equal(["alpha"], transcript["skills"]!.AsArray().Select(s => s!["skill"]!.GetValue<string>()));
        Assert.Equal(("awarded", true), (transcript["milestones"]![0]!["status"]!.GetValue<string>(), transcript["milestones"]![0]!["flagged"]!.GetValue<bool>()));
        var (again, _) = await room.AttemptAsync("bob-at-work", "gamma", 0.9);
        Assert.Equal(other, again);
        using var replay = await room.Auditor.GetAsync($"/v1/learners/{lead:D}/awards/{transcript["milestones"]![0]!["award"]!.GetValue<Guid>():D}/replay");
        Assert.True((await replay.JsonAsync())["same"]!.GetValue<bool>());
        using var still = await room.Auditor.GetAsync($"/v1/learners/{lead:D}/transcript?asOf=seq:{sequence}");
        Assert.Equal(before, await still.Content.ReadAsStringAsync());
        using var twice = await room.Admin.PostAsync($"/v1/learners/{lead:D}/links/{other:D}/end", LedgerFixture.Json("""{"reason":"joined-by-mistake"}"""));
        Assert.Equal(HttpStatusCode.NotFound, twice.StatusCode);
    }

    [Fact]
    public async Task An_actor_with_a_mailbox_and_an_account_is_one_learner_once_joined()
    {
        using var room = await Classroom.OpenAsync(fixture);
        using var client = await XapiClient.XapiAsync(room.Tenant, "2.0.0", Scopes.AllOfXapi);
        const string mailbox = """{"actor":{"mbox":"mailto:cleo@lms.example"},"verb":{"id":"https://example.com/did"},"object":{"id":"https://lms.example/1"}}""";
        await XapiClient.StoredAsync(client, mailbox);
        await XapiClient.StoredAsync(client, XapiClient.Statement(actor: "cleo"));
        var account = (await XapiClient.ReadAsync(room.Auditor, $"/v1/learners?source={Lms}&subject=cleo"))["id"]!.GetValue<Guid>();
        var mail = (await XapiClient.ReadAsync(room.Auditor, "/v1/learners?mbox=mailto:cleo@lms.example"))["id"]!.GetValue<Guid>();
        Assert.NotEqual(account, mail);

        await LinkAsync(room, account, mail);
        await XapiClient.StoredAsync(client, mailbox);

        Assert.Equal(account, (await XapiClient.ReadAsync(room.Auditor, "/v1/learners?mbox=mailto:cleo@lms.example"))["id"]!.GetValue<Guid>());
        Assert.Equal(2, await fixture.AskAsync<long>($"select count(*) from ledger.mt_events where tenant_id = '{room.Tenant.Name}' and stream_id = '{account}' and type = 'statement.stored'"));
    }

    [Fact]
    public async Task A_bundle_proves_both_streams()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("dora", "alpha", 0.9);
        var (other, _) = await room.AttemptAsync("dora-at-work", "beta", 0.8);
        var before = (await room.Tenant.StoredAsync(other))[^1].Recorded;
        await LinkAsync(room, lead, other);

        var auditor = await Auditor.OfAsync(room.Tenant);
        var file = await auditor.BundleAsync(lead);
        var report = await auditor.CheckAsync(file);

        Assert.Equal(other, Assert.Single(ProofBundle.Parse(file).Linked!).Learner);
        Assert.Equal((0, 2), (report.ExitCode, report.Lines.Count(l => l.Line.Kind == BundleLineKind.Skill && l.Status == LineStatus.Proven)));
        Assert.Equal(0, (await auditor.CheckAsync(lead, "&asOf=" + LedgerJson.Text(before))).ExitCode);
        using var bySequence = await room.Auditor.GetAsync($"/v1/learners/{lead:D}/transcript?format=proof&asOf=seq:{await fixture.AskAsync<long>("select max(seq_id) from ledger.mt_events")}");
        Assert.Equal(HttpStatusCode.BadRequest, bySequence.StatusCode);
    }

    [Fact]
    public async Task A_post_that_was_resolved_before_the_link_is_resolved_anew()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("eve", "alpha", 0.9);
        var (other, _) = await room.AttemptAsync("eve-at-work", "beta", 0.8);
        await LinkAsync(room, lead, other);

        // As another node would, which has not heard of it: the identity as it was, in this node's memory.
        await using var connection = await fixture.Ledger.App.Services.GetRequiredService<Npgsql.NpgsqlDataSource>().OpenConnectionAsync();
        var identities = fixture.Ledger.App.Services.GetRequiredService<Identities>();
        var identity = new Identity(room.Tenant.Name, Identity.Account, Tenant.Source, "eve-at-work");
        var known = (await identities.ResolveAsync(connection, [identity], CancellationToken.None))[identity];
        Assert.Equal(lead, known.Learner);
        identities.Remember(new Dictionary<Identity, KnownLearner> { [identity] = known with { Learner = other } });

        var (now, _) = await room.AttemptAsync("eve-at-work", "gamma", 0.9);
        Assert.Equal(lead, now);
    }

    [Fact]
    public async Task A_linked_learner_is_erased_only_after_the_link_has_ended()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("hal", "alpha", 0.9);
        var (other, _) = await room.AttemptAsync("hal-at-work", "beta", 0.8);
        await LinkAsync(room, lead, other);

        foreach (var learner in (Guid[])[lead, other])
        {
            using var early = await room.Admin.PostAsync($"/v1/learners/{learner:D}/erasure", LedgerFixture.Json("""{"ground":"gdpr-17-1-b"}"""));
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        }

        using var ended = await room.Admin.PostAsync($"/v1/learners/{lead:D}/links/{other:D}/end", LedgerFixture.Json("""{"reason":"to-be-erased"}"""));
        await ended.ShouldBeAsync(HttpStatusCode.OK);
        await (await TenantLogReader.OfAsync(room.Tenant)).CoveredAsync();
        using var erased = await room.Admin.PostAsync($"/v1/learners/{other:D}/erasure", LedgerFixture.Json("""{"ground":"gdpr-17-1-b"}"""));
        await erased.ShouldBeAsync(HttpStatusCode.OK);
        using var again = await room.Admin.PostAsync(
            $"/v1/learners/{lead:D}/links", LedgerFixture.Json(JsonSerializer.Serialize(new { learner = other, reason = "same-person" }, LedgerJson.Options)));
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [Theory]
    [InlineData("""{"reason":"same-person"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"learner":"SELF","reason":"same-person"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"learner":"OTHER"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"learner":"OTHER","reason":"Same person"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"learner":"7f6a1d3c-52a0-4b0a-8c47-5e2f90b6d1a3","reason":"same-person"}""", HttpStatusCode.NotFound)]
    public async Task Refuses_a_link_that_says_too_little(string body, HttpStatusCode status)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("finn", "alpha", 0.9);
        var (other, _) = await room.AttemptAsync("finn-at-work", "beta", 0.8);
        using var answer = await room.Admin.PostAsync(
            $"/v1/learners/{lead:D}/links", LedgerFixture.Json(body.Replace("SELF", $"{lead}", StringComparison.Ordinal).Replace("OTHER", $"{other}", StringComparison.Ordinal)));

        Assert.Equal(status, answer.StatusCode);
        Assert.Empty((await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{lead:D}/links"))["linked"]!.AsArray());
    }

    [Fact]
    public async Task Only_admins_of_the_tenant_join_learners()
    {
        using var room = await Classroom.OpenAsync(fixture);
        using var elsewhere = await Classroom.OpenAsync(fixture);
        var (lead, _) = await room.AttemptAsync("gus", "alpha", 0.9);
        var (other, _) = await room.AttemptAsync("gus-at-work", "beta", 0.8);
        var body = JsonSerializer.Serialize(new { learner = other, reason = "same-person" }, LedgerJson.Options);

        using var board = await room.Board.PostAsync($"/v1/learners/{lead:D}/links", LedgerFixture.Json(body));
        Assert.Equal(HttpStatusCode.Forbidden, board.StatusCode);
        using var stranger = await elsewhere.Admin.PostAsync($"/v1/learners/{lead:D}/links", LedgerFixture.Json(body));
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
    }

    private static async Task LinkAsync(Classroom room, Guid lead, Guid other)
    {
        using var linked = await room.Admin.PostAsync(
            $"/v1/learners/{lead:D}/links", LedgerFixture.Json(JsonSerializer.Serialize(new { learner = other, reason = "same-person", note = "Same face." }, LedgerJson.Options)));
        await linked.ShouldBeAsync(HttpStatusCode.Created);
        Assert.DoesNotContain("Same face", (await XapiClient.ReadAsync(room.Auditor, $"/v1/learners/{lead:D}/events")).ToJsonString(), StringComparison.Ordinal);
    }
}
