using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

/// <summary>The monitor on the real service, whose logs are dated anew each second.</summary>
public sealed class MonitorTests(MonitorTests.Open open) : IClassFixture<MonitorTests.Open>
{
    /// <summary>A ledger whose logs everybody may read.</summary>
    public sealed class Open() : LedgerFixture(new Dictionary<string, string?>
    {
        ["Ledger:Log:Public"] = "true",
        ["Ledger:Log:HeadsEverySeconds"] = "1",
        ["Ledger:Log:DatedEverySeconds"] = "1",
    });

    [Fact]
    public async Task It_proves_a_log_that_grows_and_is_dated_while_it_does_not()
    {
        using var watched = await WatchedAsync();
        Assert.Equal(0, watched.Look().Code);
        await watched.GrowAsync(300);
        var (code, output) = watched.Look();
        Assert.True(code == 0, output);
        var before = await watched.DatedAsync();

        await Expectations.EventuallyAsync(async () => await watched.DatedAsync() > before, "a log that does not grow to be dated anew");

        (code, output) = watched.Look();
        Assert.True(code == 0, output);
        Assert.Contains("cosigned by 1", output);
    }

    [Fact]
    public async Task Each_log_has_a_key_of_its_own_and_all_are_dated_by_one_witness()
    {
        using var one = await WatchedAsync();
        using var other = await WatchedAsync();

        var policy = TrustPolicy.Parse(System.Text.Encoding.UTF8.GetBytes(
            one.Policy + string.Concat(other.Policy.Split('\n').Where(line => line.StartsWith("log ", StringComparison.Ordinal)).Select(line => line + "\n"))));

        Assert.Equal(2, policy.Logs.Count);
        Assert.Equal(one.Policy.Split('\n')[1], other.Policy.Split('\n')[1]);
    }

    [Fact]
    public async Task It_finds_a_log_that_was_cut_short()
    {
        using var watched = await WatchedAsync();
        await watched.GrowAsync(10);
        var former = await watched.NoteAsync();
        await watched.GrowAsync(10);
        Assert.Equal(0, watched.Look().Code);

        await watched.Tenant.Fixture.DoAsync(
            $"update tlog.log set checkpoint = '{former}', checkpoint_size = {Checkpoint.Parse(SignedNote.Parse(former).Text).Size}, size = size + 1 where tenant = '{watched.Tenant.Name}'");

        var (code, output) = watched.Look();
        Assert.True(code == 1, output);
        Assert.Contains("goes back", output);
    }

    [Fact]
    public async Task It_finds_leaves_that_were_changed_before_it_saw_them()
    {
        using var watched = await WatchedAsync();
        Assert.Equal(0, watched.Look().Code);
        await watched.GrowAsync(10);
        await watched.Tenant.Fixture.DoAsync(
            $"""
            update tlog.entry n set leaf = convert_to(replace(convert_from(n.leaf, 'UTF8'), 'skill.attempted', 'skill.attempteb'), 'UTF8')
              from tlog.log l where l.tenant = '{watched.Tenant.Name}' and n.log = l.log
            """);

        var (code, output) = watched.Look();

        Assert.True(code == 1, output);
        Assert.Contains("does not follow from the leaves", output);
    }

    private async Task<Watched> WatchedAsync()
    {
        var tenant = await open.TenantAsync();
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
        using var client = open.Client(null);
        var policy = $"log {await KeyAsync("key")}\nwitness operator {await KeyAsync("witness-key")}\nquorum operator\n";
        return new Watched(tenant, policy);

        async Task<string> KeyAsync(string name) => (await client.GetStringAsync($"/log/{tenant.Name}/{name}")).TrimEnd('\n');
    }

    private sealed class Watched : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ledger-monitor-");
        private int events;

        public Watched(Tenant tenant, string policy)
        {
            (Tenant, Policy) = (tenant, policy);
            File.WriteAllText(Path.Combine(folder.FullName, "policy"), policy);
        }

        public Tenant Tenant { get; }

        public string Policy { get; }

        public async Task GrowAsync(int count)
        {
            using var client = await Tenant.ClientAsync(Scopes.EventsWrite);
            var first = events;
            events += count;
            await Tenant.PostAsync(client, [.. Enumerable.Range(first, count).Select(i => Tenant.Attempt($"e{i}", $"s{i % 17}", "alpha", 0.5))]);
            await (await TenantLogReader.OfAsync(Tenant)).CoveredAsync();
        }

        public async Task<string> NoteAsync()
        {
            using var client = Tenant.Fixture.Client(null);
            return await client.GetStringAsync($"/log/{Tenant.Name}/checkpoint");
        }

        public async Task<DateTimeOffset?> DatedAsync() => TrustPolicy.Parse(System.Text.Encoding.UTF8.GetBytes(Policy)).Judge(SignedNote.Parse(await NoteAsync())).Witnessed;

        public (int Code, string Output) Look() => MonitorRun.Look($"{Tenant.Fixture.Ledger.Url}/log/{Tenant.Name}", folder.FullName);

        public void Dispose() => folder.Delete(recursive: true);
    }
}
