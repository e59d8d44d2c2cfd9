using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary><c>log DIR --policy POLICY</c>: a whole log.</summary>
internal static class LogVerb
{
    public static Command Make()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "A copy of the log: its checkpoint and tile/entries/..., as the service serves them below /log/TENANT/." };
        var kept = new Option<FileInfo[]>("--kept") { Description = "Checkpoints of this log you kept; it must continue each.", AllowMultipleArgumentsPerToken = true };
        var patience = new Option<int>("--patience")
        {
            Description = "Seconds a leaf may come later than others of its recorded time before it looks back-dated.",
            DefaultValueFactory = _ => 300,
        };
        var policy = LedgerVerify.Policy();
        var verb = new Command(
            "log",
            "Reads a whole log anew: its tree and root, every tile that was copied, the versions of each stream without gap, the heads of all streams, and leaves that look back-dated. "
            + "Leaves hold no personal data, so an auditor may keep a copy of all of them.")
        {
            folder, kept, patience, policy,
        };
        verb.Run((parsed, output, cancellation) => CheckAsync(
            TiledLog.Copy(parsed.GetRequiredValue(folder)), LedgerVerify.Read(parsed.GetRequiredValue(policy)), parsed.GetValue(kept) ?? [],
            TimeSpan.FromSeconds(parsed.GetValue(patience)), output, cancellation));
        return verb;
    }

    private static async Task<Verdict> CheckAsync(
        TiledLog log, TrustPolicy policy, FileInfo[] kept, TimeSpan patience, TextWriter output, CancellationToken cancellation)
    {
        var current = policy.Judge(await log.CheckpointAsync(cancellation));
        var heads = kept.Select(file => policy.Judge(file).Head).Append(current.Head).ToLookup(head => head.Size);
        if (heads.SelectMany(sized => sized).Any(head => head.Origin != current.Head.Origin || head.Size > current.Head.Size))
        {
            output.WriteLine("failed       A checkpoint you kept is another log's, or of more leaves than the copy has: get a newer copy. If there is none, the log was cut short.");
            return Verdict.Failed;
        }

        var failed = Differs(heads[0], TreeHash.Empty, output);
        var replay = new LogReplay(patience);
        var watch = Stopwatch.StartNew();
        var tiles = await log.ReplayAsync(current.Head.Size, replay, (_, index) =>
        {
            if (heads.Contains(index + 1))
            {
                failed |= Differs(heads[index + 1], replay.Root(), output);
            }
        }, cancellation);
        foreach (var finding in replay.Findings)
        {
            output.WriteLine($"failed       Leaf {finding.Index} {finding.What}.");
        }

        var rate = (replay.Size / watch.Elapsed.TotalSeconds).ToString("F0", CultureInfo.InvariantCulture);
        output.WriteLine($"replayed     {replay.Size} leaves of {replay.Streams} streams, {replay.HeadsChecked} heads and {tiles} tiles compared, {rate} leaves/s");
        var witnessed = current.Tell(output);
        return failed || replay.Findings.Count > 0 ? Verdict.Failed : witnessed ? Verdict.Proven : Verdict.NotShown;
    }

    private static bool Differs(IEnumerable<Checkpoint> heads, TreeHash root, TextWriter output)
    {
        var differs = heads.Any(head => head.Root != root);
        if (differs)
        {
            output.WriteLine($"failed       At {heads.First().Size} leaves the root is {root}, the checkpoint says {heads.First(head => head.Root != root).Root}.");
        }

        return differs;
    }
}
