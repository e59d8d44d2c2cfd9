using System.Net;
using LearningLedger.Bundles;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using LearningLedger.Tables;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Erasure;

/// <summary>What passes for an erasure and is none, and what undoes one, carried out on a live database, and found.</summary>
public sealed class ErasureAttackTests(ProofBundleTests.Brisk fixture) : IClassFixture<ProofBundleTests.Brisk>
{
    [Fact]
    public async Task Masking_without_an_erasure_is_found_and_is_not_shown_as_one()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.AttemptAsync("ann", "beta", 0.5);
        var auditor = await Auditor.OfAsync(room.Tenant);

        await fixture.DoAsync($"update ledger.mt_events set data = '{{}}' where id = '{attempt}'");
        Assert.Equal(["row-altered"], await FindingsAsync(room));
        Assert.Equal(1, await OutcomeAsync(room, auditor, learner));

        await fixture.DoAsync($"update ledger.mt_events set data = '{{}}' where stream_id = '{learner}'");
        Assert.Equal(["row-altered"], await FindingsAsync(room));
        Assert.Equal(1, await OutcomeAsync(room, auditor, learner));
        using var transcript = await room.Auditor.GetAsync($"/v1/learners/{learner}/transcript");
        await transcript.ShouldBeAsync(HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("erasedSince", await transcript.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masking_others_beside_an_erasure_is_found()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (ann, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        var (_, bobs) = await room.AttemptAsync("bob", "alpha", 0.5);
        await room.Admin.EraseAsync(ann);

        // What is changed before it is logged is logged as it then is: the erasure has waited for the log of its learner alone.
        await TenantLogReader.CoveredAsync(fixture.ConnectionString, room.Tenant.Name);
        await fixture.DoAsync($"update ledger.mt_events set data = '{{}}' where id = '{bobs}'");

        var finding = Assert.Single(await FindAsync(room));
        Assert.Equal(("row-altered", $"event {bobs:D}"), (finding.Kind, finding.Subject));
    }

    [Fact]
    public async Task Masking_is_taken_for_right_while_the_erasure_waits_to_be_logged()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (ann, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        await TenantLogReader.CoveredAsync(fixture.ConnectionString, room.Tenant.Name);
        await using (await HeldLog.OfAsync(room.Tenant))
        {
            await room.Admin.EraseAsync(ann);
            Assert.Empty(await FindingsAsync(room));
        }
    }

    [Theory]
    [InlineData("""update ledger.mt_events set data = '{"skill": "alpha", "score": 1}' where id = '{attempt}'""", "not-erased", "row-altered")]
    [InlineData("update ledger.mt_events set timestamp = timestamp - interval '1 second' where id = '{attempt}'", "row-altered")]
    [InlineData("update ledger.mt_events set data = '{}' where stream_id = '{learner}'", "row-altered")]
    [InlineData("insert into vault.learner_key (tenant, learner, wrapped) values ('{tenant}', '{learner}', '')", "not-erased")]
    [InlineData("insert into registry.identity (tenant, scheme, issuer, value, learner) values ('{tenant}', 'account', 'x', 'ann', '{learner}')", "not-erased")]
    public async Task Undoing_or_changing_an_erasure_is_found(string sql, params string[] findings)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.Admin.EraseAsync(learner);
        await TenantLogReader.CoveredAsync(fixture.ConnectionString, room.Tenant.Name);
        Assert.Empty(await FindingsAsync(room));

        await fixture.DoAsync(sql.Replace("{attempt}", $"{attempt}", StringComparison.Ordinal).Replace("{learner}", $"{learner}", StringComparison.Ordinal)
            .Replace("{tenant}", room.Tenant.Name, StringComparison.Ordinal));

        Assert.Equal(findings, await FindingsAsync(room));
    }

    [Fact]
    public async Task Nothing_is_appended_to_the_stream_of_an_erased_learner_by_any_path()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.Admin.EraseAsync(learner);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => fixture.DoAsync(
            $"""
            insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
              select nextval('ledger.mt_events_sequence'), gen_random_uuid(), stream_id, version + 1, data, type, now(), tenant_id, mt_dotnet_type, headers, false
                from ledger.mt_events where stream_id = '{learner}' order by version desc limit 1
            """));

        Assert.Equal("LL410", refused.SqlState);
    }

    private async Task<int> OutcomeAsync(Classroom room, Auditor auditor, Guid learner)
    {
        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/transcript?format=proof");
        return answer.StatusCode == HttpStatusCode.InternalServerError ? 1 : BundleVerifier.Verify(await answer.Content.ReadAsByteArrayAsync(), auditor.Policy).ExitCode;
    }

    private async Task<IReadOnlyList<Finding>> FindAsync(Classroom room) =>
        await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(room.Tenant.Name, default);

    private async Task<IEnumerable<string>> FindingsAsync(Classroom room) => (await FindAsync(room)).Select(f => f.Kind).Distinct();
}
