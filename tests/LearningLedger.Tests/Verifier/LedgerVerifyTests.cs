using System.Buffers;
using System.CommandLine;
using System.Security.Cryptography;
using LearningLedger.Bundles;
using LearningLedger.Integrity;
using LearningLedger.Tests.Bundles;
using LearningLedger.Tests.Integrity;
using LearningLedger.Tests.Integrity.Trees;
using LearningLedger.Verifier;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Verifier;

public sealed class LedgerVerifyTests : IDisposable
{
    private const string Origin = BundleLog.Origin;
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ledger-verify-");

    public LedgerVerifyTests() =>
        Write("policy", $"log {BundleLog.Key.Verifier}\nwitness w {BundleLog.Witness.Verifier}\nquorum none\n#receipts {Keys.Receipts(Origin).Verifier}\n");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("bundle x")]
    [InlineData("bundle --policy policy")]
    [InlineData("bundle missing.llproof --policy policy")]
    [InlineData("log . --policy policy")]
    [InlineData("consistency policy policy --policy policy")]
    [InlineData("receipt policy --policy policy")]
    [InlineData("proof policy --policy policy")]
    [InlineData("bundle policy --policy missing")]
    [InlineData("bundle policy --policy log")]
    [InlineData("monitor --state state --policy policy")]
    [InlineData("db acme --policy policy")]
    [InlineData("db acme --policy policy --vault-key missing")]
    public void Ends_with_1_when_there_is_nothing_to_check(string line)
    {
        Write("log", "no policy");

        Assert.Equal(1, Run(line).Code);
    }

    [Theory]
    [InlineData("--help", "quorum none")]
    [InlineData("bundle --help", "UNDISCLOSED")]
    [InlineData("log --help", "back-dated")]
    [InlineData("receipt --help", "#receipts")]
    [InlineData("consistency --help", "two logs")]
    [InlineData("proof --help", "leaf")]
    [InlineData("monitor --help", "LEDGER_KEY")]
    [InlineData("db --help", "can change nothing")]
    public void Teaches(string line, string word)
    {
        var (code, output) = Run(line);

        Assert.Equal(0, code);
        Assert.Contains(word, output);
    }

    [Fact]
    public void Proves_a_bundle_line_by_line_and_fails_one_that_is_damaged()
    {
        var bundle = BundleLog.Of(OperationsAwarded()).Bundle().Utf8();
        Write("good.llproof", bundle);
        Write("bad.llproof", [.. bundle[..500], 0, .. bundle[501..]]);

        var good = Run("bundle good.llproof --policy policy");
        Assert.Equal(0, good.Code);
        Assert.Contains("PROVEN       milestone operations of engineer/1: awarded, from 2026-01-04T09:00:00.000000Z to 2028-01-04T09:00:00.000000Z, by person:board; entries 3 5 7 9", good.Output);
        Assert.Contains("checkpoint   ledger.example/acme: 11 leaves", good.Output);
        Assert.EndsWith("PROVEN\n", good.Output);
        var bad = Run("bundle bad.llproof --policy policy");
        Assert.Equal(1, bad.Code);
        Assert.Contains("digest", bad.Output);
    }

    [Fact]
    public void Says_what_a_bundle_does_not_show()
    {
        Write("partial.llproof", new BundleLog().Take(OperationsAwarded()).Bundle().Utf8());
        Write("witnessed", $"log {BundleLog.Key.Verifier}\nwitness w {BundleLog.Witness.Verifier}\nquorum w\n");

        Assert.Equal(2, Run("bundle partial.llproof --policy policy").Code);
        var (code, output) = Run("bundle partial.llproof --policy witnessed");
        Assert.Equal(2, code);
        Assert.Contains("Too few of the policy's witnesses", output);
        Assert.EndsWith("NOT ALL SHOWN\n", output);
    }

    [Fact]
    public void Asks_for_a_newer_bundle_when_completeness_does_not_reach_the_time_wanted()
    {
        var stream = OperationsAwarded();
        var log = BundleLog.Of(stream); // its heads are of the 700th day
        log.Take(stream.Revoked("operations"), from: 5);
        Write("old.llproof", ProofBundle.Make(Learner, log.Checkpoint(), log.Entries(Learner, upTo: 5), log.Heads(Learner)).Utf8());

        Assert.Equal(0, Run($"bundle old.llproof --policy policy").Code);
        Assert.Equal(0, Run($"bundle old.llproof --policy policy --complete-until={LedgerJson.Text(Day(700))}").Code);
        var (code, output) = Run($"bundle old.llproof --policy policy --complete-until={LedgerJson.Text(Day(701))}");
        Assert.Equal(2, code);
        Assert.Contains("ask for a newer bundle", output);
    }

    [Fact]
    public void Proves_a_copied_log_against_every_checkpoint_that_was_kept()
    {
        var leaves = Leaves(700);
        Mirror("log", leaves);
        Write("kept-0", Head(leaves, 0));
        Write("kept-300", Head(leaves, 300));

        var (code, output) = Run("log log --policy policy --kept kept-0 kept-300");
        Assert.Equal(0, code);
        Assert.Contains("700 leaves of 7 streams, 0 heads and 4 tiles compared", output);
    }

    [Fact]
    public void Finds_a_log_that_was_rewritten_cut_short_or_damaged()
    {
        var leaves = Leaves(700);
        Write("kept", Head(leaves, 300));
        Write("longer", Head(Leaves(701), 701));
        Mirror("log", leaves);
        Mirror("other", [.. leaves.Select((leaf, i) => i == 12 ? Leaf(12, at: At.AddSeconds(1)) : leaf)]);
        Mirror("gap", [.. leaves.Where((_, i) => i != 12)]);

        Assert.Contains("At 300 leaves the root is", Failed("log other --policy policy --kept kept"));
        Assert.Contains("cut short", Failed("log log --policy policy --kept longer"));
        Assert.Contains("Leaf 18 is version 3 of stream", Failed("log gap --policy policy"));

        var tile = Path.Combine(folder.FullName, "log", "tile", "0", "001");
        File.WriteAllBytes(tile, [.. File.ReadAllBytes(tile).Select(b => (byte)(b ^ 1))]);
        Assert.Contains("tile/0/001 does not follow", Failed("log log --policy policy"));
        Mirror("edge", leaves);
        Write("edge/tile/1/000.p/2", new byte[64]);
        Assert.Contains("tile/1/000.p/2 does not follow", Failed("log edge --policy policy"));
        File.Delete(Path.Combine(folder.FullName, "log", "tile", "entries", "001"));
        Assert.Contains("lacks tile/entries/001", Failed("log log --policy policy"));
    }

    [Fact]
    public void Proves_that_a_log_only_grew_and_finds_a_fork()
    {
        var leaves = Leaves(700);
        Mirror("log", leaves);
        Write("new", Head(leaves, 700));
        Write("old", Head(leaves, 300));
        Write("fork", Head([.. leaves.Take(299), Leaf(7)], 300));
        var tiles = new TileLog();
        tiles.Grow(leaves.Select(leaf => TreeHash.Leaf(leaf)), 700);
        Write("proof", string.Concat(ProofPlan.Consistency(300, 700).Hashes(tiles.Read).Select(hash => $"{hash}\n")));

        Assert.Equal(0, Run("consistency old new --policy policy --log log").Code);
        Assert.Equal(0, Run("consistency new old --policy policy --proof proof").Code);
        Assert.Equal(0, Run("consistency old old --policy policy").Code);
        Assert.Equal(2, Run("consistency old new --policy policy").Code);
        Assert.Contains("forked", Failed("consistency fork new --policy policy --log log"));
        Assert.Contains("forked", Failed("consistency fork old --policy policy"));
        Assert.Contains("forked", Failed("consistency fork new --policy policy --proof proof"));
    }

    [Fact]
    public void Says_whether_the_promise_of_a_receipt_was_kept()
    {
        var leaves = Leaves(20);
        Mirror("log", leaves);
        var sent = "{}"u8.ToArray();
        Write("sent.json", sent);
        Write("other.json", "[]");
        var line = new ReceiptLine(EventId(3), 1, new TreeHash(SHA256.HashData(sent)), At.AddSeconds(3), At.AddSeconds(10));
        Write("kept", Signed(line));
        Write("broken", Signed(line with { EventId = EventId(99) }));
        Write("early", Signed(line with { EventId = EventId(99), Deadline = At.AddSeconds(90) }));
        Write("differs", Signed(line with { Version = 2 }));

        Assert.Equal(2, Run("receipt kept --policy policy").Code);
        Assert.Equal(0, Run("receipt kept --policy policy --log log --sent sent.json").Code);
        Assert.Contains("broken", Failed("receipt broken --policy policy --log log"));
        Assert.Equal(2, Run("receipt early --policy policy --log log").Code);
        Assert.Contains("differs", Failed("receipt differs --policy policy --log log"));
        Assert.Contains("other.json is not what", Failed("receipt kept --policy policy --sent other.json"));
        Write("forged", SignedNote.Sign(new Receipt(Origin, [line]).Text, BundleLog.Key).ToString());
        Assert.Contains("not signed", Failed("receipt forged --policy policy"));
    }

    [Fact]
    public void Proves_one_event_by_the_leaf_its_proof_carries()
    {
        var leaves = Leaves(20);
        var tiles = new TileLog();
        tiles.Grow(leaves.Select(leaf => TreeHash.Leaf(leaf)), 20);
        var proof = new LogProof(7, ProofPlan.Inclusion(7, 20).Hashes(tiles.Read), SignedNote.Parse(Head(leaves, 20)), leaves[7]);
        Write("one.tlog-proof", proof.ToString());
        Write("bare.tlog-proof", (proof with { Extra = null }).ToString());
        Write("leaf", leaves[7]);
        Write("wrong", leaves[8]);

        Assert.Contains(EventId(7).ToString(), Run("proof one.tlog-proof --policy policy").Output);
        Assert.Equal(0, Run("proof bare.tlog-proof --policy policy --leaf leaf").Code);
        Failed("proof bare.tlog-proof --policy policy --leaf wrong");
        Failed("proof bare.tlog-proof --policy policy");
    }

    private static Guid EventId(int n) => new(n, 1, 1, new byte[8]);

    private static byte[] Leaf(int n, DateTimeOffset? at = null) => new EventLeaf(
        at ?? At.AddSeconds(n), TreeHash.Empty, PayloadEncoding.Jcs, EventId(n), EventLeafKind.Event, (n / 7) + 1, new Guid(n % 7, 0, 0, new byte[8]), Tenant, "skill.attempted").Bytes();

    private static List<byte[]> Leaves(int count) => [.. Enumerable.Range(0, count).Select(n => Leaf(n))];

    private static string Head(List<byte[]> leaves, int size)
    {
        var edge = new TreeEdge();
        leaves.Take(size).ToList().ForEach(leaf => edge.Append(TreeHash.Leaf(leaf)));
        return new Checkpoint(Origin, size, edge.Root()).Sign(BundleLog.Key).ToString();
    }

    private static string Signed(ReceiptLine line) => new Receipt(Origin, [line]).Sign(Keys.Receipts(Origin));

    private void Mirror(string name, List<byte[]> leaves)
    {
        var tiles = new TileLog();
        tiles.Grow(leaves.Select(leaf => TreeHash.Leaf(leaf)), leaves.Count);
        foreach (var tile in tiles.Tiles)
        {
            Write($"{name}/{tile.Id.Path}", tile.Hashes);
            if (tile.Id.Level == 0)
            {
                var bundle = new ArrayBufferWriter<byte>();
                leaves.Skip((int)tile.Id.Index * 256).Take(tile.Id.Width).ToList().ForEach(leaf => EntryBundle.Write(bundle, leaf));
                Write($"{name}/{tile.Id.EntriesPath}", bundle.WrittenSpan.ToArray());
            }
        }

        Write($"{name}/checkpoint", Head(leaves, leaves.Count));
    }

    private void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(string path, byte[] bytes)
    {
        var file = new FileInfo(Path.Combine(folder.FullName, path));
        file.Directory!.Create();
        File.WriteAllBytes(file.FullName, bytes);
    }

    private string Failed(string line)
    {
        var (code, output) = Run(line);
        Assert.True(code == 1, output);
        return output;
    }

    private (int Code, string Output) Run(string line)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((word, i) => i == 0 || word.StartsWith('-') ? word : Path.Combine(folder.FullName, word)).ToArray();
        var code = LedgerVerify.Root().Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = output });
        return (code, output.ToString());
    }
}
