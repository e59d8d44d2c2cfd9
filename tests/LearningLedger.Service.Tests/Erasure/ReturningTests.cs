using System.Text.Json.Nodes;
using LearningLedger.Service.Log;
using LearningLedger.Service.Store;
using LearningLedger.Service.Tests.Analytics;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Erasure;

/// <summary>What a platform sends after an erasure: the old again, and the new.</summary>
public sealed class ReturningTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Old_events_are_duplicates_that_record_nothing_and_register_nobody()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.Admin.OpenCohortAsync("spring");
        string[] events =
        [
            Tenant.Attempt("1", "ann", "alpha", 0.5), Analytics.Cohorts.Joined("2", "ann", "spring"), Tenant.Evidence("3", "ann", Guid.NewGuid()), Tenant.Attempt("4", "bob", "alpha", 0.5),
        ];
        var first = await Tenant.PostAsync(room.Platform, events);
        await room.Admin.EraseAsync(first.Learner());
        var before = await EverythingAsync(room.Tenant);

        foreach (var again in (JsonNode[])[await Tenant.PostAsync(room.Platform, events), await Tenant.PostAsync(room.Platform, [.. events.Reverse()])])
        {
            Assert.Equal((0, 4), ((int)again["accepted"]!, (int)again["duplicates"]!));
            Assert.Equal(Values(first), Values(again));
        }

        Assert.Contains(Values(await Tenant.PostAsync(room.Platform, Tenant.Attempt("1", "somebody", "beta", 0.1))).Single(), Values(first));
        Assert.Equal(before, await EverythingAsync(room.Tenant));
        Assert.Equal(0, await fixture.CountAsync($"registry.intake_conflict where tenant = '{room.Tenant.Name}'"));
    }

    [Fact]
    public async Task A_new_event_makes_a_new_learner_beside_the_old_ones_duplicates()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.Admin.OpenCohortAsync("spring");
        var old = Tenant.Attempt("1", "ann", "alpha", 0.5);
        var erased = (await Tenant.PostAsync(room.Platform, old)).Learner();
        await room.Admin.EraseAsync(erased);

        var posted = await Tenant.PostAsync(room.Platform, old, Tenant.Attempt("2", "ann", "alpha", 0.9), old, Analytics.Cohorts.Joined("3", "ann", "spring"));

        Assert.Equal(["duplicate", "accepted", "duplicate", "accepted"], posted.Statuses());
        Assert.Equal((erased, erased), (posted.Learner(0), posted.Learner(2)));
        Assert.NotEqual(erased, posted.Learner(1));
        Assert.Equal(posted.Learner(1), posted.Learner(3));
        var transcript = JsonNode.Parse(await room.Auditor.GetStringAsync($"/v1/learners/{posted.Learner(1)}/transcript"))!;
        Assert.Equal((1, null), ((int)transcript["skills"]![0]!["attempts"]!, transcript["erasedSince"]));
        var found = JsonNode.Parse(await room.Auditor.GetStringAsync($"/v1/learners?source={Uri.EscapeDataString(Tenant.Source)}&subject=ann"))!;
        Assert.Equal(posted.Learner(1), (Guid)found["id"]!);

        await room.Admin.EraseAsync(posted.Learner(1));
        Assert.NotEqual(posted.Learner(1), (await Tenant.PostAsync(room.Platform, Tenant.Attempt("4", "ann", "alpha", 0.9))).Learner());
    }

    [Theory]
    [InlineData("attempt")]
    [InlineData("membership")]
    public async Task A_node_that_remembers_the_learner_from_before_makes_a_new_one_too(string kind)
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.Admin.OpenCohortAsync("spring");
        var erased = (await Tenant.PostAsync(room.Platform, Tenant.Attempt("1", "ann", "alpha", 0.5))).Learner();
        await room.Admin.EraseAsync(erased);
        var identity = new Identity(room.Tenant.Name, Identity.Account, Tenant.Source, "ann");
        fixture.Ledger.App.Services.GetRequiredService<Identities>().Remember(new() { [identity] = new KnownLearner(erased, new byte[32], IsNew: false) });

        var posted = await Tenant.PostAsync(room.Platform, kind == "attempt" ? Tenant.Attempt("2", "ann", "alpha", 0.9) : Analytics.Cohorts.Joined("2", "ann", "spring"));

        Assert.NotEqual(erased, posted.Learner());
        Assert.Equal(3, await fixture.CountAsync($"ledger.mt_events where stream_id = '{erased}'"));
        Assert.Equal(0, await fixture.CountAsync($"ledger.mt_events where tenant_id = '{room.Tenant.Name}' and type = 'cohort.joined' and data ->> 'learner' = '{erased}'"));
    }

    [Fact]
    public async Task A_learner_erased_by_another_node_is_forgotten()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var erased = (await Tenant.PostAsync(room.Platform, Tenant.Attempt("1", "ann", "alpha", 0.5))).Learner();
        await room.Admin.EraseAsync(erased);
        var identity = new Identity(room.Tenant.Name, Identity.Account, Tenant.Source, "ann");
        var identities = fixture.Ledger.App.Services.GetRequiredService<Identities>();
        identities.Remember(new() { [identity] = new KnownLearner(erased, new byte[32], IsNew: false) });

        await Expectations.EventuallyAsync(
            async () =>
            {
                await using var connection = await fixture.Database().OpenConnectionAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                return (await identities.ResolveAsync(connection, [identity], default))[identity].Learner != erased;
            },
            "the learner to be forgotten");
    }

    [Fact]
    public async Task Posts_under_way_are_erased_with_the_rest_or_begin_anew()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (first, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        using var stop = new CancellationTokenSource();
        var posting = Enumerable.Range(0, 4).Select(poster => Task.Run(async () =>
        {
            var learners = new List<(Guid EventId, Guid Learner)>();
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var posted = await Tenant.PostAsync(room.Platform, Tenant.Attempt($"{poster}-{i}", "ann", "alpha", 0.5), Tenant.Attempt($"x{poster}-{i}", $"p{poster}", "alpha", 0.5));
                Assert.Equal(2, (int)posted["accepted"]!);
                learners.Add(((Guid)posted["receipts"]![0]!["eventId"]!, posted.Learner()));
            }

            return learners;
        })).ToList();

        var erased = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            var known = (Guid)(await room.Tenant.FoundAsync("ann"))!;
            await room.Admin.EraseAsync(known);
            erased.Add(known);
            await Expectations.EventuallyAsync(async () => await room.Tenant.FoundAsync("ann") is not null, "ann to come back");
        }

        await stop.CancelAsync();
        var recorded = (await Task.WhenAll(posting)).SelectMany(l => l).ToList();
        Assert.Equal(first, erased[0]);
        Assert.Equal(3, erased.Distinct().Count());
        var values = string.Join(',', recorded.Select(r => $"('{r.EventId}'::uuid, '{r.Learner}'::uuid)"));
        Assert.Equal(recorded.Count, await fixture.CountAsync($"(values {values}) r (id, learner) join ledger.mt_events e on e.id = r.id and e.stream_id = r.learner"));
        foreach (var learner in erased)
        {
            Assert.Equal(1, await fixture.CountAsync(
                $"ledger.mt_events e where stream_id = '{learner}' and (data <> '{{}}' or version = (select max(version) from ledger.mt_events where stream_id = '{learner}'))"));
        }

        await TenantLogReader.CoveredAsync(fixture.ConnectionString, room.Tenant.Name);
        Assert.Empty(await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(room.Tenant.Name, default));
    }

    private static IEnumerable<(Guid, Guid, long)> Values(JsonNode posted) =>
        posted["receipts"]!.AsArray().Select(r => ((Guid)r!["eventId"]!, (Guid)r["learner"]!, (long)r["version"]!)).Order();

    private async Task<(long, long, long)> EverythingAsync(Tenant tenant) => (
        await fixture.CountAsync($"ledger.mt_events where tenant_id = '{tenant.Name}'"), await fixture.CountAsync($"registry.identity where tenant = '{tenant.Name}'"),
        await fixture.CountAsync($"vault.learner_key where tenant = '{tenant.Name}'"));
}
