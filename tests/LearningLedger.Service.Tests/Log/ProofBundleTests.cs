using System.Globalization;
using System.Net;
using LearningLedger.Bundles;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

public sealed class ProofBundleTests(ProofBundleTests.Brisk brisk) : IClassFixture<ProofBundleTests.Brisk>
{
    /// <summary>A ledger whose heads leaves come at once.</summary>
    public sealed class Brisk() : LedgerFixture(new Dictionary<string, string?> { ["Ledger:Log:HeadsEverySeconds"] = "1" });

    [Fact]
    public async Task A_transcript_with_awards_and_reviews_is_proved_whole()
    {
        using var room = await Classroom.OpenAsync(brisk);
        var (learner, award, _) = await room.WithPeakAsync("ann");
        using var revoked = await Classroom.ActAsync(room.Board, learner, award, "revoke");
        await revoked.ShouldBeAsync(HttpStatusCode.OK);
        var auditor = await Auditor.OfAsync(room.Tenant);

        var report = await auditor.CheckAsync(learner);

        Assert.Empty(report.Failures);
        Assert.Empty(report.Gaps);
        Assert.Equal(0, report.ExitCode);
        Assert.All(report.Lines, l => Assert.Equal(LineStatus.Proven, l.Status));
        Assert.Contains(report.Lines, l => l.Line.Line.ToString().Contains("revoked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_transcript_as_it_stood_is_proved_by_sequence_and_by_time()
    {
        using var room = await Classroom.OpenAsync(brisk);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        var (_, second) = await room.AttemptAsync("ann", "beta", 0.6);
        await room.AttemptAsync("ann", "gamma", 0.7);
        var then = (await room.Tenant.StoredAsync(learner)).Single(e => e.EventId == second);
        var auditor = await Auditor.OfAsync(room.Tenant);

        foreach (var asOf in (string[])[$"seq:{then.Sequence.ToString(CultureInfo.InvariantCulture)}", LedgerJson.Text(then.Recorded)])
        {
            var report = await auditor.CheckAsync(learner, $"&asOf={asOf}");
            Assert.Equal((0, 2), (report.ExitCode, report.Lines.Count));
        }
    }

    [Fact]
    public async Task It_takes_the_scope_of_an_auditor_and_a_learner_of_the_tenant()
    {
        using var room = await Classroom.OpenAsync(brisk);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        using var reader = await room.Tenant.ClientAsync(Scopes.TranscriptsRead);
        using var stranger = await (await brisk.TenantAsync()).ClientAsync(Scopes.AuditRead);

        using var scope = await reader.GetAsync($"/v1/learners/{learner}/transcript?format=proof");
        await scope.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var foreign = await stranger.GetAsync($"/v1/learners/{learner}/transcript?format=proof");
        await foreign.ShouldBeAsync(HttpStatusCode.NotFound);
        using var other = await room.Auditor.GetAsync($"/v1/learners/{learner}/transcript?format=pdf");
        await other.ShouldBeAsync(HttpStatusCode.BadRequest);
    }
}
