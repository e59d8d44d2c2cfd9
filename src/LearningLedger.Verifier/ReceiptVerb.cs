using System.CommandLine;
using System.Security.Cryptography;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary><c>receipt FILE --policy POLICY</c>: the ledger's promise to a platform.</summary>
internal static class ReceiptVerb
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The receipt: the text of the member \"receipt\" of the answer to a post." };
        var sent = new Option<FileInfo[]>("--sent") { Description = "Events as they were sent, one a file: each must be in the receipt.", AllowMultipleArgumentsPerToken = true };
        var log = new Option<DirectoryInfo?>("--log") { Description = "A copy of the log's files: was the promise kept?" };
        var policy = LedgerVerify.Policy();
        var verb = new Command(
            "receipt",
            "Checks a receipt, and with --log whether each event came into the log by its deadline. A receipt whose event is not in a log that is past the deadline proves to anybody that "
            + "the promise was broken. The policy names the receipt key: #receipts <key>.")
        {
            file, sent, log, policy,
        };
        verb.Run(async (parsed, output, cancellation) =>
        {
            var trust = LedgerVerify.Read(parsed.GetRequiredValue(policy));
            var receipt = Receipt.Verify(SignedNote.Parse(File.ReadAllBytes(parsed.GetRequiredValue(file).FullName)), trust);
            var worst = Sent(receipt, parsed.GetValue(sent) ?? [], output) ? Verdict.Proven : Verdict.Failed;
            if (parsed.GetValue(log) is not { } folder)
            {
                foreach (var line in receipt.Events)
                {
                    output.WriteLine($"promised     event {line.EventId} (version {line.Version}), accepted {Time(line.Accepted)}: in the log by {Time(line.Deadline)}");
                }

                output.WriteLine("not shown    The receipt is genuine; whether the promise was kept takes a copy of the log: --log.");
                return worst == Verdict.Failed ? worst : Verdict.NotShown;
            }

            return await KeptAsync(receipt, TiledLog.Copy(folder), trust, output, worst, cancellation);
        });
        return verb;
    }

    private static bool Sent(Receipt receipt, FileInfo[] files, TextWriter output)
    {
        var all = true;
        foreach (var file in files)
        {
            var hash = new TreeHash(SHA256.HashData(File.ReadAllBytes(file.FullName)));
            var line = receipt.Events.FirstOrDefault(e => e.Sent == hash);
            all &= line is not null;
            output.WriteLine(line is null ? $"failed       {file.Name} is not what any event of the receipt was sent as." : $"sent         {file.Name} is event {line.EventId}");
        }

        return all;
    }

    private static async Task<Verdict> KeptAsync(
        Receipt receipt, TiledLog log, TrustPolicy policy, TextWriter output, Verdict worst, CancellationToken cancellation)
    {
        var checkpoint = policy.Judge(await log.CheckpointAsync(cancellation));
        var wanted = receipt.Events.ToDictionary(line => line.EventId);
        var found = new Dictionary<Guid, EventLeaf>();
        var replay = new LogReplay(TimeSpan.MaxValue);
        await log.ReplayAsync(checkpoint.Head.Size, replay, (leaf, _) =>
        {
            if (leaf is EventLeaf e && wanted.ContainsKey(e.EventId))
            {
                found.TryAdd(e.EventId, e);
            }
        }, cancellation);
        if (checkpoint.Head.Origin != receipt.Origin || replay.Root() != checkpoint.Head.Root)
        {
            throw new InvalidDataException($"The copy is not the log {receipt.Origin}, or is damaged: `log` says more.");
        }

        foreach (var line in receipt.Events)
        {
            var (word, verdict) = found.GetValueOrDefault(line.EventId) is { } leaf
                ? leaf.Version == line.Version && leaf.At == line.Accepted ? ("kept", Verdict.Proven) : ("differs", Verdict.Failed)
                : replay.Newest > line.Deadline ? ("broken", Verdict.Failed) : ("not due", Verdict.NotShown);
            output.WriteLine($"{word,-12} event {line.EventId} (version {line.Version}), accepted {Time(line.Accepted)}, due {Time(line.Deadline)}");
            worst = worst == Verdict.Failed || verdict == Verdict.Proven ? worst : verdict;
        }

        return checkpoint.Tell(output) || worst == Verdict.Failed ? worst : Verdict.NotShown;
    }

    private static string Time(DateTimeOffset time) => LedgerJson.Text(time);
}
