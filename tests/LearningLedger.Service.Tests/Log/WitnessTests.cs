using System.Net;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

/// <summary>One service as the witness of another, and of a log that only exists here.</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private const string OwnOrigin = "witnessed.example";

    private static readonly SigningKey Stranger = new("stranger.example/log", SignatureType.Ed25519, [.. Enumerable.Repeat((byte)7, 32)]);

    private readonly Dictionary<string, string?> witnessSettings = [];
    private readonly Dictionary<string, string?> settings = new() { ["Ledger:Log:Origin"] = OwnOrigin, ["Ledger:Log:DatedEverySeconds"] = "1" };
    private readonly LedgerFixture witness;
    private readonly LedgerFixture ledger;
    private bool isStarted;

    public WitnessTests()
    {
        witness = new LedgerFixture(witnessSettings);
        ledger = new LedgerFixture(settings);
    }

    public async Task InitializeAsync()
    {
        // The log's key file is made here, so the witness can be told of the key before the log exists.
        var future = new LedgerSettings { DataDirectory = ledger.Data, Log = new LogSettings { Origin = OwnOrigin } };
        using var key = new WitnessKey(future);
        using var signer = new Signer(future, key, TimeProvider.System);
        var logs = Write(witness, "logs", $"log {Stranger.Verifier}\nlog {signer.Verifier(OwnOrigin + "/t1")}\nquorum none\n");
        witnessSettings["Ledger:Witness:Logs"] = logs;
        await witness.InitializeAsync();
        using var client = witness.Client(null);
        settings["Ledger:Log:Witnesses"] = Write(
            ledger, "witnesses",
            $"witness good {(await client.GetStringAsync("/witness/key")).TrimEnd('\n')} {witness.Ledger.Url}/witness/\nwitness away {Keys(3).Verifier} http://127.0.0.1:9/\ngroup any any good away\nquorum any\n");
    }

    public async Task DisposeAsync()
    {
        await witness.DisposeAsync();
        if (isStarted)
        {
            await ledger.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_log_is_cosigned_by_the_witness_that_answers_and_goes_on_without_the_one_that_does_not()
    {
        await ledger.InitializeAsync();
        isStarted = true;
        var tenant = await ledger.TenantAsync();
        await GrowAsync(tenant, "a", 30);
        await CosignedAsync(tenant);
        await GrowAsync(tenant, "b", 300);
        var first = await CosignedAsync(tenant);

        var before = first;
        await Expectations.EventuallyAsync(
            async () =>
            {
                var now = await CosignedAsync(tenant);
                var isRenewed = now.Head.Text == before.Head.Text && now.Witnessed > before.Witnessed;
                before = now.Head.Size > before.Head.Size ? now : before;
                return isRenewed;
            },
            "a fresh cosignature of a log that does not grow");
        using var client = witness.Client(null);
        var seen = SignedNote.Parse(await client.GetStringAsync($"/witness/{Witness.HashOf($"{OwnOrigin}/{tenant.Name}")}/checkpoint"));
        Assert.True(Checkpoint.Parse(seen.Text).Size >= first.Head.Size);
        Assert.Empty(await FindingsAsync(tenant));

        // After a start it knows no more what the witness has, and is told.
        await ledger.StopAsync();
        await ledger.StartAsync();
        await GrowAsync(tenant, "c", 5);
        Assert.True((await CosignedAsync(tenant)).Head.Size > first.Head.Size);

        // All witnesses are away: the log goes on, and says so.
        await witness.StopAsync();
        await GrowAsync(tenant, "d", 5);
        await Expectations.EventuallyAsync(async () => (await FindingsAsync(tenant)).Contains("not-witnessed", StringComparison.Ordinal), "the finding that witnesses are missing");
        using (var anybody = ledger.Client(null))
        {
            var ready = await (await anybody.GetAsync("/health/ready")).JsonAsync();
            Assert.InRange((int?)ready["log"]!["findings"]!["not-witnessed"] ?? 0, 1, int.MaxValue);
        }

        await (await TenantLogReader.OfAsync(tenant)).ShouldHoldEverythingAsync();
        await witness.StartAsync();
    }

    [Fact]
    public async Task A_witness_answers_as_the_protocol_has_it_and_forgets_nothing_when_it_is_started_anew()
    {
        var leaves = Enumerable.Range(0, 20).Select(i => TreeHash.Leaf([(byte)i])).ToList();
        var forked = leaves.Select((leaf, i) => i == 3 ? TreeHash.Empty : leaf).ToList();
        var forger = new SigningKey(Stranger.Verifier.Name, SignatureType.Ed25519, [.. Enumerable.Repeat((byte)8, 32)]);

        await AskAsync(404, new WitnessRequest(0, [], new Checkpoint("unknown", 0, TreeHash.Empty).Sign(Named("unknown"))));
        await AskAsync(403, new WitnessRequest(0, [], new Checkpoint(Stranger.Verifier.Name, 0, TreeHash.Empty).Sign(forger)));
        await AskAsync(400, "no request");
        await AskAsync(400, Request(6, 5, leaves));
        Assert.Contains("witness/w1", await AskAsync(200, Request(0, 5, leaves)));
        Assert.Equal("5\n", await AskAsync(409, Request(0, 9, leaves)));
        await AskAsync(422, Request(5, 9, forked, proofOf: leaves));
        await AskAsync(200, Request(5, 9, leaves));

        await witness.StopAsync();
        await witness.StartAsync();

        Assert.Equal("9\n", await AskAsync(409, Request(5, 12, leaves)));
        await AskAsync(422, Request(9, 9, forked));
        await AskAsync(200, Request(9, 9, leaves));
        await AskAsync(200, Request(9, 20, leaves));
        await AskAsync(413, new string('x', 70_000));
        using var client = witness.Client(null);
        var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {Stranger.Verifier}\nwitness w {(await client.GetStringAsync("/witness/key")).Trim()}\nquorum w\n"));
        var kept = policy.Judge(SignedNote.Parse(await client.GetStringAsync($"/witness/{Witness.HashOf(Stranger.Verifier.Name)}/checkpoint")));
        Assert.True(kept.HasQuorum);
        Assert.Equal(20, kept.Head.Size);
        using var none = await client.GetAsync($"/witness/{Witness.HashOf("unknown")}/checkpoint");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task It_does_not_start_as_a_witness_of_its_own_logs_or_beside_others()
    {
        await witness.StopAsync();
        var good = witnessSettings["Ledger:Witness:Logs"]!;
        witnessSettings["Ledger:Log:Origin"] = "stranger.example";
        Assert.Contains("a log of this service", (await Assert.ThrowsAsync<LedgerStartException>(witness.StartAsync)).Message);
        witnessSettings.Remove("Ledger:Log:Origin");
        witnessSettings["Ledger:Nodes"] = "several";
        Assert.Contains("one service", (await Assert.ThrowsAsync<LedgerStartException>(witness.StartAsync)).Message);
        witnessSettings.Remove("Ledger:Nodes");
        witnessSettings["Ledger:Witness:Logs"] = good + ".missing";
        Assert.Contains("Ledger__Witness__Logs", (await Assert.ThrowsAsync<LedgerStartException>(witness.StartAsync)).Message);
        witnessSettings["Ledger:Witness:Logs"] = good;
        await witness.StartAsync();
    }

    private static SigningKey Keys(byte number) => new($"witness{number}.example", SignatureType.Cosignature, [.. Enumerable.Repeat(number, 32)]);

    private static SigningKey Named(string origin) => new(origin, SignatureType.Ed25519, [.. Enumerable.Repeat((byte)9, 32)]);

    private static string Write(LedgerFixture fixture, string name, string text)
    {
        Directory.CreateDirectory(fixture.Data);
        var file = Path.Combine(fixture.Data, name + ".policy");
        File.WriteAllText(file, text);
        return file;
    }

    private static WitnessRequest Request(int old, int size, List<TreeHash> leaves, List<TreeHash>? proofOf = null)
    {
        var (edge, tiles) = (new TreeEdge(), new TreeEdge());
        leaves.Take(size).ToList().ForEach(edge.Append);
        (proofOf ?? leaves).Take(size).ToList().ForEach(tiles.Append);
        var tile = tiles.Partial().Single().Hashes;
        var proof = old > 0 && old < size ? ProofPlan.Consistency(old, size).Hashes(_ => tile) : [];
        return new WitnessRequest(old, proof, new Checkpoint(Stranger.Verifier.Name, size, edge.Root()).Sign(Stranger));
    }

    private Task<string> AskAsync(int status, WitnessRequest request) => AskAsync(status, request.ToString());

    private async Task<string> AskAsync(int status, string request)
    {
        using var client = witness.Client(null);
        using var answer = await client.PostAsync("/witness/add-checkpoint", new StringContent(request));
        await answer.ShouldBeAsync((HttpStatusCode)status);
        Assert.Equal(status == 409, answer.Content.Headers.ContentType?.MediaType == "text/x.tlog.size");
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task GrowAsync(Tenant tenant, string prefix, int count)
    {
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(client, [.. Enumerable.Range(0, count).Select(i => Tenant.Attempt($"{prefix}{i}", $"s{i % 9}", "alpha", 0.5))]);
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
    }

    /// <summary>The checkpoint, once the witness that answers has cosigned it.</summary>
    private async Task<TrustedCheckpoint> CosignedAsync(Tenant tenant)
    {
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        using var client = witness.Client(null);
        var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes(
            $"log {(await auditor.GetStringAsync($"/log/{tenant.Name}/key")).Trim()}\nwitness w {(await client.GetStringAsync("/witness/key")).Trim()}\nquorum w\n"));
        TrustedCheckpoint? found = null;
        await Expectations.EventuallyAsync(
            async () => (found = policy.Judge(SignedNote.Parse(await auditor.GetStringAsync($"/log/{tenant.Name}/checkpoint")))).HasQuorum, "a cosigned checkpoint");
        return found!;
    }

    private static async Task<string> FindingsAsync(Tenant tenant)
    {
        using var auditor = await tenant.ClientAsync(Scopes.AuditRead);
        return (await (await auditor.GetAsync("/v1/log/findings")).JsonAsync())["findings"]!.AsArray() is { Count: > 0 } findings ? findings.ToJsonString() : "";
    }
}
