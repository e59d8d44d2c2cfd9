using System.CommandLine;
using LearningLedger.Integrity;
using LearningLedger.Tests.Bundles;
using LearningLedger.Verifier;

namespace LearningLedger.Tests.Verifier;

public sealed class MonitorTests : IDisposable
{
    private readonly DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ledger-monitor-");
    private readonly ServedLog log = new();

    public MonitorTests() => File.WriteAllText(In("policy"), log.Policy);

    public void Dispose()
    {
        log.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Proves_a_log_that_only_grows_reading_what_is_new()
    {
        Show(300);
        Assert.Contains("read         300 new leaves", Look(Proven));
        Show(300);
        Assert.Contains("read         0 new leaves", Look(Proven));
        Show(700);
        Assert.Contains("read         400 new leaves, 7 streams", Look(Proven));
    }

    [Fact]
    public void Keeps_its_state_for_its_owner_alone_and_refuses_a_damaged_one()
    {
        Show(300);
        Look(Proven);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("state")));
        }

        Assert.Equal(["policy", "state"], folder.GetFiles().Select(f => f.Name).Order());
        var bytes = File.ReadAllBytes(In("state"));
        foreach (var at in new[] { 3, 40, 200, bytes.Length - 1 })
        {
            File.WriteAllBytes(In("state"), [.. bytes.Select((b, i) => i == at ? (byte)(b ^ 1) : b)]);
            Assert.Contains("damaged", Look(Failed));
        }
    }

    [Fact]
    public void Sends_the_key_of_the_environment_to_the_log_and_not_to_its_witnesses()
    {
        Show(10);
        log.Witness(Leaves(10), now);
        Environment.SetEnvironmentVariable("LEDGER_KEY", "ll_auditor_secret");
        try
        {
            Look(Proven);
        }
        finally
        {
            Environment.SetEnvironmentVariable("LEDGER_KEY", null);
        }

        Assert.Contains("Bearer ll_auditor_secret", log.Keys);
        Assert.Single(log.Keys, key => key is null);
    }

    [Theory]
    [InlineData(700, 299, "forked")]
    [InlineData(300, 120, "forked")]
    [InlineData(250, 250, "goes back")]
    public void Finds_a_log_that_does_not_continue_what_it_showed_and_keeps_both_checkpoints(int size, int changed, string word)
    {
        Show(300);
        Look(Proven);

        log.Show([.. Leaves(size).Select((leaf, i) => i == changed ? ServedLog.Leaf(i, now.AddSeconds(1)) : leaf)], now);

        Assert.Contains(word, Look(Failed));
        Assert.Contains(word, Look(Failed)); // it is not forgotten
        var kept = folder.GetFiles("*.checkpoint").Select(f => BundleLog.Policy.Judge(SignedNote.Parse(File.ReadAllBytes(f.FullName))).Head.Size).Order();
        Assert.Equal(new long[] { 300, size }.Order(), kept);
    }

    [Fact]
    public void Finds_leaves_that_do_not_lead_to_what_is_signed()
    {
        Show(20);
        log.Put("tile/entries/000.p/20", Changed(log.Get("tile/entries/000.p/20")));
        Assert.Contains("does not follow from the leaves", Look(Failed));

        log.Put("tile/0/000.p/20", null);
        Assert.Contains("and the log signed", Look(Failed));
    }

    [Fact]
    public void Finds_a_hole_in_a_stream()
    {
        Show(20);
        Look(Proven);

        log.Show([.. Leaves(20), ServedLog.Leaf(20, now, version: 4)], now);

        Assert.Contains("Leaf 20 is version 4 of stream", Look(Failed));
    }

    [Fact]
    public void Finds_an_event_that_claims_to_be_older_than_the_last_look()
    {
        Show(20);
        Look(Proven);

        log.Show([.. Leaves(20), ServedLog.Leaf(20, now.AddSeconds(-400))], now);

        Assert.Contains("claims to be of", Look(Failed));
    }

    [Fact]
    public void Says_when_nothing_dates_the_log_any_more()
    {
        log.Show([], dated: null);
        Assert.Contains("Nothing dates the log", Look(NotShown));
        log.Show([], now.AddHours(-1));
        Assert.Contains("dated last at", Look(NotShown));
        log.Show([], now.AddHours(1));
        Assert.Contains("a clock is wrong", Look(NotShown));
        log.Show([], now);
        Look(Proven);
    }

    [Fact]
    public void Says_when_the_heads_are_withheld()
    {
        log.Show(Leaves(20, now.AddMinutes(-10)), now);

        Assert.Contains("No heads speak of events since", Look(NotShown));
    }

    [Fact]
    public void Finds_a_head_that_a_witness_saw_and_the_log_hides()
    {
        Show(20);
        log.Witness(Leaves(21), now);
        Assert.Contains("saw 21 leaves just now", Look(NotShown));

        log.Witness(Leaves(21), now.AddHours(-1));

        Assert.Contains("hides its head", Look(Failed));
        Assert.Equal(2, folder.GetFiles("*.checkpoint").Length);
    }

    [Fact]
    public void Finds_that_a_witness_saw_another_log()
    {
        Show(20);
        log.Witness(Leaves(15), now);
        Look(Proven);

        log.Witness([.. Leaves(14), ServedLog.Leaf(99, now)], now);

        Assert.Contains("the witness w saw another at 15 leaves", Look(Failed));
    }

    [Fact]
    public void Says_that_a_log_cannot_be_read()
    {
        log.Dispose();

        Assert.Contains("cannot be read", Look(NotShown));
    }

    [Fact]
    public void Follows_a_log_that_was_opened_anew_after_a_restore_once_it_is_told_the_key_of_the_next()
    {
        Show(300);
        var note = SignedNote.Parse(log.Get("checkpoint"));
        Look(Proven);

        // Some leaves were lost; what was restored is taken up again, however old, and the log goes on.
        log.Reopen("next", [Epoch(note), .. Leaves(250, now.AddDays(-9)), Heads(250)], now);
        Assert.Contains($"{ServedLog.NextOrigin} goes on, for which the policy has no key", Look(NotShown));
        File.WriteAllText(In("policy"), log.Policy + $"log {ServedLog.NextKey.Verifier}\n");

        Assert.Contains($"epoch        {BundleLog.Origin} ended at 300 leaves", Look(Proven));
        log.Reopen("next", [Epoch(note), .. Leaves(250, now.AddDays(-9)), Heads(250), ServedLog.Leaf(250, now)], now);
        var again = Look(Proven);
        Assert.Contains("read         1 new leaves", again);
        Assert.DoesNotContain("epoch  ", again);
    }

    [Fact]
    public void Finds_a_next_log_that_hides_what_was_seen_of_the_former()
    {
        Show(200);
        var earlier = SignedNote.Parse(log.Get("checkpoint"));
        Show(300);
        Look(Proven);
        File.WriteAllText(In("policy"), log.Policy + $"log {ServedLog.NextKey.Verifier}\n");

        log.Reopen("next", [Epoch(earlier), .. Leaves(100)], now);
        Assert.Contains("hides what was signed", Look(Failed));
        log.Reopen("next", [.. Leaves(100)], now);
        Assert.Contains("does not say that it continues", Look(Failed));
        var forked = ServedLog.Note([.. Leaves(299), ServedLog.Leaf(299, now.AddSeconds(1))]);
        log.Reopen("next", [Epoch(forked), .. Leaves(100)], now);
        Assert.Contains("The former log was forked", Look(Failed));
        Assert.Equal(4, folder.GetFiles("*.checkpoint").Length);
    }

    [Fact]
    public void Says_that_the_end_of_a_former_log_was_lost_before_it_was_seen()
    {
        Show(200);
        Look(Proven);
        File.WriteAllText(In("policy"), log.Policy + $"log {ServedLog.NextKey.Verifier}\n");
        log.Reopen("next", [Epoch(ServedLog.Note(Leaves(300))), .. Leaves(200)], now);

        Assert.Contains("between 200 and 300 leaves was lost", Look(NotShown));
        Look(Proven);
    }

    private const int Proven = 0;
    private const int Failed = 1;
    private const int NotShown = 2;

    private List<byte[]> Leaves(int count, DateTimeOffset? at = null) => [.. Enumerable.Range(0, count).Select(n => ServedLog.Leaf(n, at ?? now))];

    private byte[] Epoch(SignedNote former) => new EpochLeaf(now, Scenarios.Tenant, former.ToString()).Bytes();

    /// <summary>The heads of a log whose first leaf is an epoch, and then so many of <see cref="Leaves"/>.</summary>
    private byte[] Heads(int count)
    {
        var (tree, contents) = (new HeadsTree(), new Dictionary<int, byte[]>());
        foreach (var (index, leaf) in Leaves(count).Select(bytes => (EventLeaf)LogLeaf.Parse(bytes)).Index())
        {
            var bucket = HeadsBucket.Of(leaf.Stream);
            tree.Set(bucket, contents[bucket] = HeadsBucket.With(contents.GetValueOrDefault(bucket, []), leaf.Stream, new(leaf.Version, index + 1)));
        }

        return new HeadsLeaf(now, Scenarios.Tenant, count + 1, tree.Root(), Math.Min(count, 7)).Bytes();
    }

    private static byte[] Changed(byte[] bundle) => [.. bundle.Select((b, i) => i == bundle.AsSpan().IndexOf("attempted"u8) ? (byte)'o' : b)];

    private void Show(int count) => log.Show(Leaves(count), now);

    private string In(string name) => Path.Combine(folder.FullName, name);

    private string Look(int expected)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = LedgerVerify.Root().Parse(["monitor", log.Url, "--once", "--policy", In("policy"), "--state", In("state")])
            .Invoke(new InvocationConfiguration { Output = output, Error = output });
        Assert.True(code == expected, output.ToString());
        return output.ToString();
    }
}
