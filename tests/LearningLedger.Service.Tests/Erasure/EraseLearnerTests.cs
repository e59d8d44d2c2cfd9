using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Bundles;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Analytics;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Erasure;

/// <summary>What an erasure destroys, and what it leaves as it was.</summary>
public sealed class EraseLearnerTests(ProofBundleTests.Brisk fixture) : IClassFixture<ProofBundleTests.Brisk>
{
    [Fact]
    public async Task Destroys_content_key_and_identifiers_and_says_so()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _, _) = await room.WithPeakAsync("ann");
        var version = await fixture.CountAsync($"ledger.mt_events where stream_id = '{learner}'");

        var erased = await room.Admin.EraseAsync(learner);

        Assert.Equal((learner, version + 1), ((Guid)erased["learner"]!, (long)erased["version"]!));
        Assert.Equal(version, await fixture.CountAsync($"ledger.mt_events where stream_id = '{learner}' and data = '{{}}'"));
        Assert.Equal(
            JsonNode.Parse($$"""{"learner":"{{learner}}","ground":"gdpr-17-1-b","reference":"DPO/2026-0017"}""")!.ToJsonString(),
            Sorted((await room.EventsAsync(learner, "learner.erased")).Single()));
        Assert.Equal(0, await fixture.CountAsync($"vault.learner_key where learner = '{learner}'"));
        Assert.Equal(0, await fixture.CountAsync($"registry.identity where learner = '{learner}'"));
        using var unknown = await room.Auditor.GetAsync($"/v1/learners?source={Uri.EscapeDataString(Tenant.Source)}&subject=ann");
        await unknown.ShouldBeAsync(HttpStatusCode.NotFound);

        var transcript = JsonNode.Parse(await room.Auditor.GetStringAsync($"/v1/learners/{learner}/transcript"))!;
        Assert.Equal((string)erased["erasedSince"]!, (string)transcript["erasedSince"]!);
        Assert.Empty(transcript["milestones"]!.AsArray());
        Assert.Empty(transcript["skills"]!.AsArray());
        Assert.Equal(version + 1, (long)transcript["position"]!["version"]!);
        var trail = JsonNode.Parse(await room.Auditor.GetStringAsync($"/v1/learners/{learner}/events?open=true"))!["events"]!.AsArray();
        Assert.All(trail.SkipLast(1), e => Assert.Equal("{}", e!["data"]!.ToJsonString()));
        Assert.Equal("learner.erased", (string)trail[^1]!["type"]!);
    }

    [Fact]
    public async Task Is_done_once_and_answers_the_same_whoever_asks_again()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => (await room.Admin.EraseAsync(learner)).ToJsonString()));
        using var again = await room.Admin.AskToEraseAsync(learner, """{"ground":"other"}""");

        Assert.Single(answers.Distinct());
        Assert.Equal(answers[0], (await again.JsonAsync()).ToJsonString());
        Assert.Single(await room.EventsAsync(learner, "learner.erased"));
    }

    [Fact]
    public async Task Keeps_every_other_transcript_and_proof_as_it_was()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (ann, _, _) = await room.WithPeakAsync("ann");
        var (bob, _, _) = await room.WithPeakAsync("bob");
        var auditor = await Auditor.OfAsync(room.Tenant);
        var (annBefore, bobBefore) = (await auditor.BundleAsync(ann), await auditor.BundleAsync(bob));
        var transcript = await room.Auditor.GetByteArrayAsync($"/v1/learners/{bob}/transcript");

        await room.Admin.EraseAsync(ann);

        Assert.Equal(transcript, await room.Auditor.GetByteArrayAsync($"/v1/learners/{bob}/transcript"));
        foreach (var before in (byte[][])[annBefore, bobBefore, await auditor.BundleAsync(bob)])
        {
            var report = await auditor.CheckAsync(before);
            Assert.Equal(0, report.ExitCode);
            Assert.All(report.Lines, line => Assert.Equal(LineStatus.Proven, line.Status));
        }

        await (await TenantLogReader.OfAsync(room.Tenant)).ShouldHoldEverythingAsync();
        Assert.Empty(await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(room.Tenant.Name, default));
    }

    [Fact]
    public async Task Reads_erased_to_both_verifiers_now_and_as_of_any_moment()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, first) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.AttemptAsync("ann", "beta", 0.6);
        await room.Admin.EraseAsync(learner);
        var then = (await room.Tenant.StoredAsync(learner)).Single(e => e.EventId == first);
        var auditor = await Auditor.OfAsync(room.Tenant);

        foreach (var (asOf, lines) in ((string, int)[])[("", 3), ($"&asOf=seq:{then.Sequence.ToString(CultureInfo.InvariantCulture)}", 2), ($"&asOf={LedgerJson.Text(then.Recorded)}", 2)])
        {
            var report = await auditor.CheckAsync(learner, asOf);
            Assert.Empty(report.Failures);
            Assert.Equal((0, lines), (report.ExitCode, report.Lines.Count));
            Assert.All(report.Lines, line => Assert.Equal(LineStatus.Erased, line.Status));

            var transcript = JsonNode.Parse(await room.Auditor.GetStringAsync($"/v1/learners/{learner}/transcript{asOf.Replace('&', '?')}"))!;
            Assert.NotNull(transcript["erasedSince"]);
            Assert.Empty(transcript["skills"]!.AsArray());
        }
    }

    [Fact]
    public async Task The_leaf_of_the_erasure_is_proved_and_names_its_ground()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        var erased = await room.Admin.EraseAsync(learner);
        var auditor = await Auditor.OfAsync(room.Tenant);

        var last = ProofBundle.Parse(await auditor.BundleAsync(learner)).Entries[^1];

        Assert.Equal(EventLeafKind.Erasure, Assert.IsType<EventLeaf>(LogLeaf.Parse(CanonicalJson.Bytes(last.Leaf))).Kind);
        Assert.Equal((string)erased["eventId"]!, last.Leaf.GetProperty("id").GetString());
        Assert.Equal("gdpr-17-1-b", last.Payload!.Value.GetProperty("data").GetProperty("ground").GetString());
        Assert.StartsWith("key:", last.Payload!.Value.GetProperty("headers").GetProperty("actor").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_erased_was_logged_as_it_was_before()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await TenantLogReader.CoveredAsync(fixture.ConnectionString, room.Tenant.Name);
        Task<JsonNode> erasing;
        Guid learner;
        await using (await HeldLog.OfAsync(room.Tenant))
        {
            (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
            erasing = room.Admin.EraseAsync(learner);
            Assert.NotSame(erasing, await Task.WhenAny(erasing, Task.Delay(TimeSpan.FromMilliseconds(300))));
            Assert.Equal(2, await fixture.CountAsync($"ledger.mt_events where stream_id = '{learner}' and data <> '{{}}'"));
        }

        await erasing;
        Assert.Empty(await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(room.Tenant.Name, default));
    }

    [Fact]
    public async Task Nothing_more_is_decided_about_the_erased()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.Admin.OpenCohortAsync("spring");
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.Admin.EraseAsync(learner);

        HttpResponseMessage[] answers =
        [
            await Classroom.VoidAsync(room.Board, learner, attempt), await Classroom.AwardAsync(room.Board, learner, "base"),
            await Classroom.ReviewAsync(room.Assessor, learner, Guid.NewGuid(), "accepted"), await Classroom.ActAsync(room.Board, learner, Guid.NewGuid(), "revoke"),
            await room.Auditor.GetAsync($"/v1/learners/{learner}/milestones/base"), await room.Auditor.GetAsync($"/v1/learners/{learner}/awards/{Guid.NewGuid()}"),
            await room.Auditor.GetAsync($"/v1/learners/{learner}/awards/{Guid.NewGuid()}/replay"),
            await room.Platform.PutAsync($"/v1/cohorts/spring/members/{learner}", null), await room.Platform.DeleteAsync($"/v1/cohorts/spring/members/{learner}"),
        ];

        foreach (var answer in answers)
        {
            await answer.ShouldBeAsync(HttpStatusCode.Gone);
            Assert.NotNull((await answer.JsonAsync())["erasedSince"]);
            answer.Dispose();
        }

        Assert.Single(await room.EventsAsync(learner, "learner.erased"));
        Assert.Equal(3, await fixture.CountAsync($"ledger.mt_events where stream_id = '{learner}'"));
    }

    [Theory]
    [InlineData("""{}""", "ground")]
    [InlineData("""{"ground":"Ann Lee asked"}""", "ground")]
    [InlineData("""{"ground":"gdpr-17-1-a","reference":"Ann Lee"}""", "reference")]
    [InlineData("""{"ground":"gdpr-17-1-a","why":"x"}""", "why")]
    public async Task Is_refused_without_a_ground_in_a_code_and_changes_nothing(string body, string field)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);

        using var answer = await room.Admin.AskToEraseAsync(learner, body);

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(field, (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
        Assert.Empty(await room.EventsAsync(learner, "learner.erased"));
    }

    [Fact]
    public async Task Takes_an_admin_of_the_tenant_and_a_learner()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        using var stranger = await (await fixture.TenantAsync()).ClientAsync(Scopes.Admin);

        using var scope = await room.Board.AskToEraseAsync(learner);
        await scope.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var foreign = await stranger.AskToEraseAsync(learner);
        await foreign.ShouldBeAsync(HttpStatusCode.NotFound);
        using var unknown = await room.Admin.AskToEraseAsync(Guid.NewGuid());
        await unknown.ShouldBeAsync(HttpStatusCode.NotFound);
        using var cohort = await room.Admin.AskToEraseAsync(LearningLedger.Events.LedgerIds.Framework(room.Tenant.Name, "small"));
        await cohort.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.Equal(2, await fixture.CountAsync($"ledger.mt_events where stream_id = '{learner}' and data <> '{{}}'"));
    }

    private static string Sorted(JsonNode body) => new JsonObject(
        ((string[])["learner", "ground", "reference"]).Select(name => KeyValuePair.Create(name, (JsonNode?)body[name]!.DeepClone()))).ToJsonString();
}
