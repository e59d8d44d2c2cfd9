using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>Two services on one database, both of which write its logs: each event has one leaf, and whatever anybody was shown is one log.</summary>
public sealed class TwoSequencersTests
{
    private const string Log = "/log/default";

    [Fact]
    public async Task Two_services_log_each_event_once_and_sign_one_history_also_when_one_is_killed()
    {
        using var place = await Place.WithDatabaseAsync();
        using var elsewhere = Place.On(place.ConnectionString);
        foreach (var (setting, key) in ((string, string)[])[("Vault", "vault"), ("Log", "log"), ("Witness", "witness")])
        {
            elsewhere.Settings[$"Ledger__{setting}__KeyFile"] = Path.Combine(place.Data, "keys", key + ".key");
        }

        elsewhere.Settings["Ledger__Log__ReceiptKeyFile"] = Path.Combine(place.Data, "keys", "receipt.key");
        foreach (var each in (Place[])[place, elsewhere])
        {
            each.Settings["Ledger__Nodes"] = "several";
            each.Settings["Ledger__Log__HeadsEverySeconds"] = "1";
        }

        await using var one = await place.StartAsync();
        await using var other = await elsewhere.StartAsync();
        using var client = one.Client(place.Key);
        using var otherClient = other.Client(elsewhere.Key);
        var (platform, otherPlatform) = (new Platform("a"), new Platform("b"));
        using var enough = new CancellationTokenSource();
        var seen = new Dictionary<string, Checkpoint>();
        var posting = platform.PostUntilGoneAsync(client);
        var otherPosting = otherPlatform.PostUntilGoneAsync(otherClient, enough.Token);
        for (var looks = 0; looks < 10; looks++)
        {
            await Task.WhenAll(platform.AcknowledgedMoreAsync(20), otherPlatform.AcknowledgedMoreAsync(20));
            await LookAsync(client, seen);
            await LookAsync(otherClient, seen);
        }

        await one.KillAsync();
        await posting;
        await otherPlatform.AcknowledgedMoreAsync(200);
        await LookAsync(otherClient, seen);
        await enough.CancelAsync();
        await otherPosting;
        await Expectations.EventuallyAsync(
            () => Ledger.AskAsync<bool>(place.ConnectionString, "select not exists (select from tlog.pending) and not exists (select from tlog.log where checkpoint_size < size)"), "all to be covered");
        await LookAsync(otherClient, seen);

        Assert.True(seen.Count > 2, $"{seen.Count} checkpoints were seen");
        await ShouldBeOneLogAsync(otherClient, [.. seen.Values]);
        Assert.Equal(
            (0, 0),
            (await Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from ledger.mt_events e full join (select seq_id from tlog.entry where seq_id is not null) n using (seq_id) where e.id is null or n.seq_id is null"),
                await Ledger.AskAsync<long>(place.ConnectionString, "select count(*) - count(distinct seq_id) from tlog.entry where seq_id is not null")));
        using var reconciled = await otherClient.PostAsync("/v1/log/reconcile", null);
        Assert.Equal("[]", (await reconciled.JsonAsync())["findings"]!.ToJsonString());
        Assert.All((Platform[])[platform, otherPlatform], p => Assert.Empty(p.Refusals));
    }

    /// <summary>Takes down the checkpoint that is shown; it must carry the one signature.</summary>
    private static async Task LookAsync(HttpClient client, Dictionary<string, Checkpoint> seen)
    {
        using var answer = await client.GetAsync(Log + "/checkpoint");
        if (answer.IsSuccessStatusCode)
        {
            var trusted = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {(await client.GetStringAsync(Log + "/key")).Trim()}\nquorum none\n"))
                .Judge(SignedNote.Parse(await answer.Content.ReadAsByteArrayAsync()));
            seen[trusted.Head.Text] = trusted.Head;
        }
    }

    /// <summary>The leaves there are now lead to every checkpoint that was seen; versions are in order, and all heads follow.</summary>
    private static async Task ShouldBeOneLogAsync(HttpClient client, IReadOnlyCollection<Checkpoint> seen)
    {
        var replay = new LogReplay(TimeSpan.FromMinutes(5));
        var size = seen.Max(checkpoint => checkpoint.Size);
        var roots = new Dictionary<long, TreeHash>();
        for (var index = 0L; index * TileId.FullWidth < size; index++)
        {
            ReadOnlyMemory<byte> bundle = await client.GetByteArrayAsync($"{Log}/{new TileId(0, index, TileId.WidthIn(size, 0, index)).EntriesPath}");
            Take(bundle.Span, replay, roots);
        }

        Assert.Empty(replay.Findings);
        Assert.True(replay.HeadsChecked > 0);
        Assert.All(seen, checkpoint => Assert.Equal(roots[checkpoint.Size], checkpoint.Root));
    }

    private static void Take(ReadOnlySpan<byte> bundle, LogReplay replay, Dictionary<long, TreeHash> roots)
    {
        while (EntryBundle.TryRead(ref bundle, out var entry))
        {
            replay.Add(LogReplay.Read(entry));
            roots[replay.Size] = replay.Root();
        }
    }
}
