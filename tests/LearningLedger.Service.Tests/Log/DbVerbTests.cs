using System.Diagnostics;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Erasure;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

/// <summary><c>ledger-verify db</c> as an operator runs it, on live databases that were attacked.</summary>
public sealed class DbVerbTests(ProofBundleTests.Brisk fixture) : IClassFixture<ProofBundleTests.Brisk>
{
    [Fact]
    public async Task Proves_an_honest_tenant_also_with_an_erased_learner_and_a_checkpoint_that_was_kept()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (ann, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        using var operations = await Operations.OfAsync(room.Tenant);
        await operations.KeepAsync();
        await room.WithPeakAsync("bob");
        await room.Admin.EraseAsync(ann);

        var (code, output) = await operations.AuditAsync("--kept", operations.Kept);

        Assert.True(code == 0, output);
        Assert.EndsWith("PROVEN\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update ledger.mt_events set data = jsonb_set(data, '{score}', '1') where id = '{event}'", "row-altered")]
    [InlineData("delete from ledger.mt_events where id = '{event}'", "leaf-without-row")]
    [InlineData("update ledger.mt_events set is_archived = true where id = '{event}'", "row-hidden")]
    [InlineData("update vault.learner_key set wrapped = '' where learner = '{learner}'", "row-altered")]
    [InlineData("update tlog.entry n set leaf = n.leaf || ' ' from ledger.mt_events e where e.seq_id = n.seq_id and e.id = '{event}'", "log-altered")]
    [InlineData("delete from tlog.entry n using ledger.mt_events e where e.seq_id = n.seq_id and e.id = '{event}'", "row-without-leaf")]
    public async Task Finds_an_attack(string sql, string finding)
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (learner, attempt) = await room.AttemptAsync("ann", "alpha", 0.5);
        await room.AttemptAsync("ann", "beta", 0.5);
        using var operations = await Operations.OfAsync(room.Tenant);
        await fixture.DoAsync(sql.Replace("{event}", $"{attempt}", StringComparison.Ordinal).Replace("{learner}", $"{learner}", StringComparison.Ordinal));

        var (code, output) = await operations.AuditAsync();

        Assert.True(code == 1, output);
        Assert.Contains($"failed       {finding}, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_a_log_that_was_made_anew_to_fit_an_edited_row_by_what_was_signed_and_by_what_was_kept()
    {
        using var room = await Classroom.OpenAsync(fixture);
        var (_, attempt) = await room.AttemptAsync("ann", "alpha", 0.5);
        using var operations = await Operations.OfAsync(room.Tenant);
        await operations.KeepAsync();
        await Forger.RewriteAsync(fixture, room.Tenant.Name, leaves => leaves.Select(l => (l.Sequence, Forger.Forged(l.Leaf, attempt))));

        var (code, output) = await operations.AuditAsync();
        Assert.True(code == 1, output);
        Assert.Contains("do not lead to the root that was signed", output, StringComparison.Ordinal);

        await fixture.DoAsync($"update tlog.log set checkpoint = null, checkpoint_size = 0 where tenant = '{room.Tenant.Name}'");
        (code, output) = await operations.AuditAsync("--kept", operations.Kept);
        Assert.True(code == 1, output);
        Assert.Contains("do not lead to the root that was signed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_a_log_that_was_cut_short_by_a_checkpoint_that_was_kept()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ann", "alpha", 0.5);
        using var operations = await Operations.OfAsync(room.Tenant);
        await operations.KeepAsync();
        await Forger.RewriteAsync(fixture, room.Tenant.Name, leaves => leaves.SkipLast(2));

        var (code, output) = await operations.AuditAsync("--kept", operations.Kept);

        Assert.True(code == 1, output);
        Assert.Contains("cut short", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_events_still_wait_for_the_log()
    {
        using var room = await Classroom.OpenAsync(fixture);
        await room.AttemptAsync("ann", "alpha", 0.5);
        using var operations = await Operations.OfAsync(room.Tenant);
        await using (await HeldLog.OfAsync(room.Tenant))
        {
            await room.AttemptAsync("ann", "beta", 0.5);

            var (code, output) = await operations.LookAsync();

            Assert.True(code == 2, output);
            Assert.Contains("not shown    1 events wait", output, StringComparison.Ordinal);
        }
    }

    /// <summary>The operator's side: the policy, the vault key, and the program beside the database.</summary>
    private sealed class Operations(Tenant tenant, DirectoryInfo folder) : IDisposable
    {
        internal static async Task<Operations> OfAsync(Tenant tenant)
        {
            await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
            using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
            var folder = Directory.CreateTempSubdirectory("ledger-operations-");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "policy"), $"log {(await auditor.GetStringAsync($"/log/{tenant.Name}/key")).Trim()}\nquorum none\n");
            return new Operations(tenant, folder);
        }

        internal string Kept => Path.Combine(folder.FullName, "kept");

        internal async Task KeepAsync()
        {
            using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
            await File.WriteAllTextAsync(Kept, await auditor.GetStringAsync($"/log/{tenant.Name}/checkpoint"));
        }

        /// <summary>Runs the program, again as long as only the log has not come as far as the events.</summary>
        internal async Task<(int Code, string Output)> AuditAsync(params string[] more)
        {
            var seen = (Code: 2, Output: "");
            await Expectations.EventuallyAsync(async () => (seen = await LookAsync(more)).Code != 2, "an audit that shows all");
            return seen;
        }

        public void Dispose() => folder.Delete(recursive: true);

        /// <summary>Runs the program once.</summary>
        internal async Task<(int Code, string Output)> LookAsync(params string[] more)
        {
            var start = new ProcessStartInfo(
                HolderProcess.DotNet(),
                [
                    Path.Combine(AppContext.BaseDirectory, "LearningLedger.Verifier.dll"), "db", tenant.Name, "--policy", Path.Combine(folder.FullName, "policy"),
                    "--vault-key", Path.Combine(tenant.Fixture.Data, "keys", "vault.key"), .. more,
                ])
            {
                RedirectStandardOutput = true,
                Environment = { ["ConnectionStrings__ledger"] = tenant.Fixture.ConnectionString },
            };
            using var verifier = Process.Start(start)!;
            var output = await verifier.StandardOutput.ReadToEndAsync();
            await verifier.WaitForExitAsync();
            return (verifier.ExitCode, output);
        }
    }
}
