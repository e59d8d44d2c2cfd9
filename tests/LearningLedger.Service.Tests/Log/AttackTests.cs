using System.Net;
using LearningLedger.Bundles;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Tables;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>Each attack on the ledger that is said to be found, carried out on a live database, and found.</summary>
public sealed class AttackTests(ProofBundleTests.Brisk fixture) : IClassFixture<ProofBundleTests.Brisk>
{
    [Fact]
    public async Task An_honest_ledger_has_no_findings()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.WithPeakAsync("ann");
        await CoveredAsync(room.Tenant);

        Assert.Empty(await FindingsAsync(room.Tenant));
    }

    [Theory]
    [InlineData("""data = jsonb_set(data, '{score}', '1')""")]
    [InlineData("""headers = jsonb_set(headers, '{actor}', '"person:friend"')""")]
    [InlineData("user_name = 'somebody'")]
    public async Task An_edited_row_is_found_and_proves_nothing_any_more(string edit)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, eventId) = await room.AttemptAsync("ann", "alpha", 0.5);
        var auditor = await Auditor.OfAsync(room.Tenant);
        await fixture.DoAsync($"update ledger.mt_events set {edit} where id = '{eventId}'");

        Assert.Equal(["row-altered"], await FindingsAsync(room.Tenant));
        Assert.Equal(1, await OutcomeAsync(auditor, room, learner));
    }

    [Theory]
    [InlineData("timestamp = timestamp - interval '1 second'")]
    [InlineData("type = 'evidence.withdrawn'")]
    public async Task A_row_with_another_time_or_type_is_found_and_its_transcript_tells_what_was_logged(string edit)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, eventId) = await room.AttemptAsync("ann", "alpha", 0.5);
        var auditor = await Auditor.OfAsync(room.Tenant);
        var before = ProofBundle.Parse(await auditor.BundleAsync(learner));
        await fixture.DoAsync($"update ledger.mt_events set {edit} where id = '{eventId}'");

        Assert.Equal(["row-altered"], await FindingsAsync(room.Tenant));
        Assert.Equal(before.Lines.Single().Line.ToString(), (await auditor.CheckAsync(learner)).Lines.Single().Line.Line.ToString());
    }

    [Fact]
    public async Task A_deleted_middle_row_is_found_and_its_transcript_is_not_proved()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, first) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.AttemptAsync("ann", "alpha", 0.9);
        var auditor = await Auditor.OfAsync(room.Tenant);
        await fixture.DoAsync($"delete from ledger.mt_events where id = '{first}'");

        Assert.Equal(["leaf-without-row", "version-gap"], await FindingsAsync(room.Tenant));
        Assert.Equal(1, BundleVerifier.Verify(await auditor.BundleAsync(learner, waits: false), auditor.Policy).ExitCode);
    }

    [Theory]
    [InlineData("delete from ledger.mt_streams")]
    [InlineData("update ledger.mt_streams set version = version - 1")]
    public async Task A_stream_that_was_deleted_or_set_back_is_found(string edit)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        await CoveredAsync(room.Tenant);

        await fixture.DoAsync($"{edit} where id = '{learner}'");

        Assert.Equal(["stream-behind"], await FindingsAsync(room.Tenant));
    }

    [Fact]
    public async Task Truncation_of_rows_and_leaves_is_refused_by_the_signer_also_once_others_have_taken_their_place()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        var (_, last) = await room.AttemptAsync("ann", "alpha", 0.9);
        await CoveredAsync(room.Tenant);
        var log = await TenantLogReader.OfAsync(room.Tenant);
        var kept = await log.CheckpointAsync();

        await fixture.DoAsync($"delete from ledger.mt_events where id = '{last}'; update ledger.mt_streams set version = 2 where id = '{learner}'");
        await Forger.RewriteAsync(fixture, room.Tenant.Name, leaves => leaves.TakeWhile(l => LogLeaf.Parse(l.Leaf) is not EventLeaf e || e.EventId != last));

        await NotSignedAsync(room.Tenant, "were offered");
        for (var i = 0; i < 20; i++)
        {
            await room.AttemptAsync("bob", "alpha", 0.5);
        }

        await NotSignedAsync(room.Tenant, "do not continue");
        Assert.Equal(kept, await log.CheckpointAsync());
    }

    [Fact]
    public async Task Rewriting_everything_without_the_key_is_refused_by_the_signer()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (_, eventId) = await room.AttemptAsync("ann", "alpha", 0.5);
        await CoveredAsync(room.Tenant);
        await fixture.DoAsync($$"""update ledger.mt_events set data = jsonb_set(data, '{score}', '1') where id = '{{eventId}}'""");

        await Forger.RewriteAsync(fixture, room.Tenant.Name, leaves => leaves.Select(l => (l.Sequence, Forger.Forged(l.Leaf, eventId))));

        await NotSignedAsync(room.Tenant, "do not continue");
    }

    [Fact]
    public async Task Leaves_or_tiles_that_were_changed_alone_are_found()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ann", "alpha", 0.5);
        await CoveredAsync(room.Tenant);
        await fixture.DoAsync($"update tlog.entry set leaf = set_byte(leaf, 30, 65) where leaf_index = 1 and log = (select log from tlog.log where tenant = '{room.Tenant.Name}')");

        Assert.Contains("log-altered", await FindingsAsync(room.Tenant));
    }

    [Fact]
    public async Task A_row_deleted_with_its_note_before_it_was_logged_leaves_a_gap()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ann", "alpha", 0.5);
        await CoveredAsync(room.Tenant);
        await using (await HeldLog.OfAsync(room.Tenant))
        {
            var (_, middle) = await room.AttemptAsync("ann", "beta", 0.5);
            await room.AttemptAsync("ann", "gamma", 0.5);
            await fixture.DoAsync(DeletedBeforeAnyLook(middle));
        }

        await CoveredAsync(room.Tenant);
        Assert.Equal(["version-gap"], await FindingsAsync(room.Tenant));
    }

    [Fact]
    public async Task A_row_deleted_before_it_was_logged_whose_note_is_left_is_found()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await using (await HeldLog.OfAsync(room.Tenant))
        {
            var (_, last) = await room.AttemptAsync("ann", "beta", 0.5);
            await fixture.DoAsync($"delete from ledger.mt_events where id = '{last}'");
        }

        await CoveredAsync(room.Tenant);
        Assert.Equal(["deleted-before-logging", "version-gap"], await FindingsAsync(room.Tenant));
    }

    [Fact]
    public async Task The_last_event_of_a_stream_deleted_without_a_trace_breaks_the_promise_of_its_receipt()
    {
        using var room = await Classroom.OpenAsync(fixture);
        Guid promised, learner;
        await using (await HeldLog.OfAsync(room.Tenant))
        {
            var posted = await Tenant.PostAsync(room.Platform, Tenant.Attempt("x", "ann", "alpha", 0.2));
            var receipt = Receipt.Parse(SignedNote.Parse((string)posted["receipt"]!).Text);
            (promised, learner) = (receipt.Events[0].EventId, (Guid)posted["receipts"]![0]!["learner"]!);
            await fixture.DoAsync($"{DeletedBeforeAnyLook(promised)}; update ledger.mt_streams set version = 1 where id = '{learner}'");
        }

        await CoveredAsync(room.Tenant);
        Assert.Empty(await FindingsAsync(room.Tenant));
        Assert.DoesNotContain(await (await TenantLogReader.OfAsync(room.Tenant)).LeavesAsync(), l => l is EventLeaf e && e.EventId == promised);
        using var proof = await room.Auditor.GetAsync($"/v1/events/{promised}/proof");
        await proof.ShouldBeAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_back_dated_event_past_all_triggers_is_logged_late_and_found()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ann", "alpha", 0.5);
        await CoveredAsync(room.Tenant);
        await using (var connection = await fixture.Database().OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var past = new NpgsqlCommand("set local session_replication_role = replica", connection))
            {
                await past.ExecuteNonQueryAsync();
            }

            var stream = await Rows.AppendAsync(connection, room.Tenant.Name);
            await using var date = new NpgsqlCommand($"update ledger.mt_events set timestamp = now() - interval '1 year' where stream_id = '{stream}'", connection);
            await date.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }

        Assert.Equal(["row-without-leaf"], await FindingsAsync(room.Tenant));
        await CoveredAsync(room.Tenant);
        Assert.Equal(["back-dated", "row-without-leaf"], await FindingsAsync(room.Tenant));
    }

    [Fact]
    public async Task A_row_marked_as_archived_is_found_and_stays_in_the_transcript()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, eventId) = await room.AttemptAsync("ann", "alpha", 0.5);
        var auditor = await Auditor.OfAsync(room.Tenant);
        await fixture.DoAsync($"update ledger.mt_events set is_archived = true where id = '{eventId}'");

        Assert.Equal(["row-hidden"], await FindingsAsync(room.Tenant));
        Assert.Contains(eventId.ToString("D"), (await auditor.CheckAsync(learner)).Lines.Single().Line.Line.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_trigger_makes_the_service_unready_and_what_came_by_meanwhile_is_found()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await CoveredAsync(room.Tenant);
        await fixture.DoAsync("alter table ledger.mt_events disable trigger note_appended");
        try
        {
            await room.AttemptAsync("ann", "alpha", 0.5);
            using var ready = await room.Auditor.GetAsync("/health/ready");
            await ready.ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
            Assert.Contains("notes appended events", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            var refused = await Assert.ThrowsAsync<LedgerStartException>(() => Outbox.CheckAsync(fixture.Database(), default));
            Assert.Contains("disabled", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await fixture.DoAsync("alter table ledger.mt_events enable trigger note_appended");
        }

        Assert.Equal(["row-without-leaf"], await FindingsAsync(room.Tenant));
        await (await TenantLogReader.OfAsync(room.Tenant)).ShouldHoldEverythingAsync();
    }

    [Fact]
    public async Task A_transcript_without_its_revocation_is_not_proved()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, award, _) = await room.WithPeakAsync("ann");
        using var revoked = await Classroom.ActAsync(room.Board, learner, award, "revoke");
        var auditor = await Auditor.OfAsync(room.Tenant);
        var whole = ProofBundle.Parse(await auditor.BundleAsync(learner));

        var shortened = ProofBundle.Make(learner, SignedNote.Parse(whole.Checkpoint), [.. whole.Entries.SkipLast(1)], whole.Heads);

        Assert.Contains(BundleVerifier.Verify(shortened.Utf8(), auditor.Policy).Failures, f => f.Contains("hides events", StringComparison.Ordinal));
    }

    /// <summary>SQL that takes an event away, and out of its page of the outbox.</summary>
    private static string DeletedBeforeAnyLook(Guid id) =>
        $"""
        with gone as (delete from ledger.mt_events where id = '{id}' returning seq_id),
        page as (delete from tlog.pending p using gone g where g.seq_id = any (p.seqs) returning p.tenant_id, p.seqs, g.seq_id)
        insert into tlog.pending select tenant_id, min(s), array_agg(s order by s) from page, unnest(seqs) s where s <> seq_id group by tenant_id, seq_id
        """;

    private static Task CoveredAsync(Tenant tenant) => TenantLogReader.CoveredAsync(tenant.Fixture.ConnectionString, tenant.Name);

    private async Task<int> OutcomeAsync(Auditor auditor, Classroom room, Guid learner)
    {
        // Either the bundle fails, or the rows are such that none can be made.
        using var answer = await room.Auditor.GetAsync($"/v1/learners/{learner}/transcript?format=proof");
        return answer.StatusCode == HttpStatusCode.InternalServerError ? 1 : BundleVerifier.Verify(await answer.Content.ReadAsByteArrayAsync(), auditor.Policy).ExitCode;
    }

    private async Task<IEnumerable<string>> FindingsAsync(Tenant tenant) =>
        (await fixture.Ledger.App.Services.GetRequiredService<Reconciliation>().ReconcileAsync(tenant.Name, default)).Select(f => f.Kind).Distinct();

    private Task NotSignedAsync(Tenant tenant, string because) => Expectations.EventuallyAsync(
        async () =>
        {
            await using var connection = await fixture.Database().OpenConnectionAsync();
            return (await Finding.ReadAsync(connection, tenant.Name, default)).Any(f => f.Kind == "not-signed" && f.Detail.Contains(because, StringComparison.Ordinal));
        },
        $"the signer to refuse: {because}");
}
