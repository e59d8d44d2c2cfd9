using System.Net;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Analytics;

public sealed class FunnelTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset Day = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Counts_members_by_where_their_latest_award_stands()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        string[] people = ["ann", "bob", "cem", "dot", "eve", "fay", "gus", "hal"];
        var posted = await Tenant.PostAsync(client,
        [
            .. people.Select(p => Cohorts.Joined($"j-{p}", p, "spring")),
            .. people.SkipLast(1).Select(p => Tenant.Attempt($"a-{p}", p, "alpha", 0.4)),
            Cohorts.Left("l", "gus", "spring"),
            Tenant.Attempt("v", "hal", "alpha", 1),
            Tenant.Event("peak", "hal", "evidence.submitted",
                $$"""{"evidence":"{{Guid.NewGuid():D}}","skills":["beta"],"milestone":"peak","mediaType":"a/b","size":1,"sha256":"{{new string('a', 64)}}","location":"https://x.example/1"}"""),
        ]);
        var receipts = posted["receipts"]!.AsArray();
        var learner = people.ToDictionary(p => p, p => (Guid)receipts[Array.IndexOf(people, p)]!["learner"]!);
        await tenant.AppendAsync(learner["hal"], Day, new AttemptVoided((Guid)receipts.Single(r => (string)r!["id"]! == "v")!["eventId"]!, "mistake"));
        async Task HistoryAsync(string person, params Func<Guid, ILedgerEvent>[] steps)
        {
            var award = Guid.NewGuid();
            await tenant.AppendAsync(learner[person], Day, [Appending.Award(award), .. steps.Select(s => s(award))]);
        }

        await HistoryAsync("ann", a => new AwardFlagged(a, "doubt", []));
        await HistoryAsync("bob", a => new AwardSuspended(a, "inquiry", Day));
        await HistoryAsync("cem", a => new AwardSuspended(a, "inquiry", Day), a => new AwardRevoked(a, "fraud", Day));
        await HistoryAsync("dot", a => new AwardExpired(a, Day));
        await HistoryAsync("eve", a => new AwardExpired(a, Day), a => new AwardRenewed(a, "renewal", Day, null, []), a => new AwardAffirmed(a, "checked"));
        await HistoryAsync("gus");

        var funnel = await client.AskAsync(fixture, "spring", "funnel");

        Assert.Equal("small", (string)funnel["framework"]!);
        Assert.Equal(1, (int)funnel["frameworkVersion"]!);
        // Entered base: ann to fay. hal's attempt is voided, and the evidence names another milestone. gus has left.
        Assert.Equal(
            """{"level":0,"milestone":"base","members":7,"entered":6,"inProgress":1,"eligible":0,"awarded":2,"suspended":1,"revoked":1,"expired":1}""",
            funnel["milestones"]![0]!.ToJsonString());
        Assert.Equal(
            """{"level":1,"milestone":"peak","members":7,"entered":1,"inProgress":1,"eligible":0,"awarded":0,"suspended":0,"revoked":0,"expired":0}""",
            funnel["milestones"]![1]!.ToJsonString());
    }

    [Fact]
    public async Task Belonging_follows_the_times_of_joins_and_leaves_whatever_their_order_of_arrival()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("late");
        await Tenant.PostAsync(client,
            Cohorts.Left("1", "ann", "late", "2026-01-02T00:00:00Z"), Cohorts.Joined("2", "ann", "late", "2026-01-01T00:00:00Z"),
            Cohorts.Joined("3", "bob", "late", "2026-01-03T00:00:00Z"), Cohorts.Left("4", "bob", "late", "2026-01-02T00:00:00Z"),
            Cohorts.Joined("5", "cem", "late"), Cohorts.Joined("6", "cem", "late", "2026-01-05T00:00:00Z"));

        Assert.Equal(2, (int)(await client.AskAsync(fixture, "late", "funnel"))["milestones"]![0]!["members"]!);
    }

    [Theory, MemberData(nameof(Cohorts.Questions), MemberType = typeof(Cohorts))]
    public async Task The_same_as_of_gives_the_same_bytes_whatever_comes_later(string question)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("kept");
        await client.OpenCohortAsync("other");
        var receipts = (await Tenant.PostAsync(client, Cohorts.Joined("1", "ann", "kept"), Tenant.Attempt("2", "ann", "beta", 0.75), Tenant.Attempt("3", "ann", "beta", 0.2)))["receipts"]!;
        var point = await fixture.HeadAsync();
        var path = Cohorts.AsOf("kept", question, $"seq:{point}");
        var then = await client.ReadAsync(path);
        await Expectations.EventuallyAsync(
            async () => await fixture.AskAsync<bool>($"select exists (select from analytics.high_water_note where sequence >= {point})"), "the mark is noted");
        var now = LedgerJson.Text(await fixture.AskAsync<DateTime>("select clock_timestamp()"));
        var byTime = Cohorts.AsOf("kept", question, now);
        var thenByTime = await client.ReadAsync(byTime);

        await Tenant.PostAsync(client, Cohorts.Joined("4", "bob", "kept"), Tenant.Attempt("5", "ann", "beta", 1, "2025-01-01T00:00:00Z"), Cohorts.Left("6", "ann", "kept"));
        await tenant.AppendAsync((Guid)receipts[0]!["learner"]!, Day, new AttemptVoided((Guid)receipts[1]!["eventId"]!, "mistake"), Appending.Award(Guid.NewGuid()));
        using var published = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(LedgerFixture.SmallFramework.Replace("0.7,", "0.1,", StringComparison.Ordinal)));
        await published.ShouldBeAsync(HttpStatusCode.Created);
        Assert.NotEqual(then, await client.ReadAsync(Cohorts.AsOf("kept", question, $"seq:{await fixture.HeadAsync()}")));

        Assert.Equal(then, await client.ReadAsync(path));
        Assert.Equal(thenByTime, await client.ReadAsync(byTime));
        var named = (long)JsonNode.Parse(thenByTime)!["sequence"]!;
        Assert.Equal(thenByTime, await client.ReadAsync(Cohorts.AsOf("kept", question, $"seq:{named}")));
    }

    [Fact]
    public async Task Without_an_as_of_the_answer_names_the_point_and_follows_the_ledger()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("fresh");
        var first = JsonNode.Parse(await client.ReadAsync("/v1/cohorts/fresh/analytics/funnel"))!;
        Assert.Equal(0, (int)first["milestones"]![0]!["members"]!);

        await Tenant.PostAsync(client, Cohorts.Joined("1", "ann", "fresh"));

        await Expectations.EventuallyAsync(
            async () => (int)JsonNode.Parse(await client.ReadAsync("/v1/cohorts/fresh/analytics/funnel"))!["milestones"]![0]!["members"]! == 1, "ann is counted");
        var current = await client.ReadAsync("/v1/cohorts/fresh/analytics/funnel");
        Assert.Equal(current, await client.ReadAsync($"/v1/cohorts/fresh/analytics/funnel?asOf=seq:{(long)JsonNode.Parse(current)!["sequence"]!}"));
    }

    [Fact]
    public async Task Numbers_spent_for_nothing_do_not_keep_an_answer_back()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("gap");
        var spent = await fixture.AskAsync<long>("select nextval('ledger.mt_events_sequence')");

        var funnel = JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/gap/analytics/funnel?asOf=seq:{spent}"))!;

        Assert.Equal(spent, (long)funnel["sequence"]!);
    }

    [Theory, MemberData(nameof(Cohorts.Questions), MemberType = typeof(Cohorts))]
    public async Task Refuses_whom_and_what_it_must(string question)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        var before = await fixture.HeadAsync();
        await client.OpenCohortAsync("mine");
        await client.OpenCohortAsync("other");
        var path = $"/v1/cohorts/mine/analytics/{question}";
        string At(string point) => Cohorts.AsOf("mine", question, point);
        await client.ReadAsync(path);

        await tenant.GuardedAsync(path, LearningLedger.Service.Host.Scopes.AnalyticsRead);
        await client.RefusesAsync($"/v1/cohorts/yours/analytics/{question}", HttpStatusCode.NotFound);
        await client.RefusesAsync(At($"seq:{before}"), HttpStatusCode.NotFound);
        await client.RefusesAsync(At("2020-01-01T00:00:00Z"), HttpStatusCode.NotFound);
        await client.RefusesAsync(At("seq:99999999"), HttpStatusCode.BadRequest);
        await client.RefusesAsync(At("9999-01-01T00:00:00Z"), HttpStatusCode.BadRequest);
        await client.RefusesAsync(At("noon"), HttpStatusCode.BadRequest);
    }
}
