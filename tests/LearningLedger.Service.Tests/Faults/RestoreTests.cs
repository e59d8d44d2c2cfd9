using System.Text.Json.Nodes;
using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>A ledger that was lost with its machine, made again from a dump and a copy of its keys as deploy/README.md says.</summary>
public sealed class RestoreTests
{
    private const string Log = "default";

    [DumpFact]
    public async Task What_a_dump_holds_is_whole_again_and_the_next_log_tells_what_was_lost_to_those_who_saw_it()
    {
        using var server = new TestDirectory();
        await using var cluster = await server.StartAsync();
        await cluster.AskAsync("create database restored");
        using var place = Place.On(cluster.ConnectionString);
        using var other = Place.On(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = "restored" }.ConnectionString);
        place.Settings["Ledger__Log__Public"] = other.Settings["Ledger__Log__Public"] = "true";
        other.Settings["Ledger__Log__DatedEverySeconds"] = "1";
        other.Settings["Ledger__Log__HeadsEverySeconds"] = "3600"; // what does not grow is to be noticed
        var (dump, kept) = (Path.Combine(server.Root, "dump"), Path.Combine(server.Root, "kept"));
        var auditor = new Onlooker(server.Root);
        Guid learner;
        string before;
        await using (var service = await place.StartAsync())
        {
            using var client = service.Client(place.Key);
            learner = await PostAsync(client, "kept");
            await TenantLogReader.CoveredAsync(place.ConnectionString, Log);
            before = await TranscriptAsync(client, learner);
            await Dumps.RunAsync("pg_dump", place.ConnectionString, "-Fc", "-f", dump);
            CopyKeys(place, other);
            await PostAsync(client, "lost");
            await TenantLogReader.CoveredAsync(place.ConnectionString, Log);
            await auditor.TrustAsync(client, "key");
            auditor.ShouldFind("PROVEN", service);
            await File.WriteAllTextAsync(kept, await client.GetStringAsync($"/log/{Log}/checkpoint"));
        }

        await Dumps.RunAsync("pg_restore", other.ConnectionString, "--exit-on-error", dump);

        await using (var restored = await other.StartAsync())
        {
            using var client = restored.Client(other.Key);
            Assert.Equal(before, await TranscriptAsync(client, learner));
            await Expectations.EventuallyAsync(async () => await NotSignedAsync(client) == 1, "the signer to refuse, though nothing was recorded yet");
            await PostAsync(client, "after");
        }

        await ShouldEndAsync(1, "The checkpoint in the file cannot be read", other, dump);
        await ShouldEndAsync(0, $"/{Log}/2.", other, kept);
        await using (var restored = await other.StartAsync())
        {
            using var client = restored.Client(other.Key);
            await PostAsync(client, "lost");
            await TenantLogReader.CoveredAsync(other.ConnectionString, Log);
            Assert.Equal(0, await NotSignedAsync(client));
            await auditor.TrustAsync(client, "2/key");
            auditor.ShouldFind($"/{Log} ended at", restored);
        }
    }

    private static async Task<Guid> PostAsync(HttpClient client, string id) =>
        (Guid)(await Tenant.PostAsync(client, Tenant.Attempt(id, "ann", "linux-fundamentals", 0.9)))["receipts"]![0]!["learner"]!;

    private static Task<string> TranscriptAsync(HttpClient client, Guid learner) => client.GetStringAsync($"/v1/learners/{learner}/transcript");

    private static async Task<int> NotSignedAsync(HttpClient client) => (int?)JsonNode.Parse(await client.GetStringAsync("/health/ready"))!["log"]!["findings"]!["not-signed"] ?? 0;

    private static void CopyKeys(Place from, Place to)
    {
        var keys = Directory.CreateDirectory(Path.Combine(to.Data, "keys")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(from.Data, "keys")))
        {
            File.Copy(file, Path.Combine(keys, Path.GetFileName(file)));
        }
    }

    private static async Task ShouldEndAsync(int code, string saying, Place place, string last)
    {
        await using var epoch = place.Run("epoch", Log, "--last", last);
        Assert.True(await epoch.EndedAsync() == code, epoch.Output);
        Assert.Contains(saying, epoch.Output, StringComparison.Ordinal);
    }

    /// <summary>Watches the log, before and after.</summary>
    private sealed class Onlooker(string folder)
    {
        private readonly string policy = Path.Combine(folder, "policy");

        internal async Task TrustAsync(HttpClient client, string key)
        {
            var lines = File.Exists(policy) ? await File.ReadAllTextAsync(policy) : "quorum none\n";
            await File.WriteAllTextAsync(policy, $"log {(await client.GetStringAsync($"/log/{Log}/{key}")).TrimEnd('\n')}\n{lines}");
        }

        internal void ShouldFind(string words, ServiceProcess service)
        {
            var (code, output) = MonitorRun.Look($"{service.Url}/log/{Log}", folder);
            Assert.True(code == 0, output);
            Assert.Contains(words, output, StringComparison.Ordinal);
        }
    }

    /// <summary>PostgreSQL's programs for dumps, beside those of the server.</summary>
    private static class Dumps
    {
        private static readonly string? Folder = BinarySearch.OfThisMachine().Folders.FirstOrDefault(f => new[] { "postgres", "pg_dump", "pg_restore" }.All(name => File.Exists(Path.Combine(f, name))));

        internal static string? Missing => Folder is null ? "No pg_dump of the server's version on this machine; on Debian: apt-get install postgresql" : null;

        internal static async Task RunAsync(string program, string connectionString, params string[] arguments)
        {
            var to = new NpgsqlConnectionStringBuilder(connectionString);
            var outcome = await new Command(Path.Combine(Folder!, program), [$"--dbname=postgresql://{to.Username}@{to.Host}:{to.Port}/{to.Database}", .. arguments])
            {
                Variables = new Dictionary<string, string> { ["PGPASSWORD"] = to.Password! },
            }.RunAsync(CancellationToken.None);
            Assert.True(outcome.Succeeded, outcome.Output);
        }
    }

    private sealed class DumpFactAttribute : FactAttribute
    {
        public DumpFactAttribute() => Skip = Dumps.Missing;
    }
}
