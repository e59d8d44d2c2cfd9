using System.CommandLine;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary><c>consistency OLD NEW --policy POLICY</c>: two checkpoints.</summary>
internal static class ConsistencyVerb
{
    public static Command Make()
    {
        var older = new Argument<FileInfo>("OLD") { Description = "A checkpoint you kept, or got from somebody else." };
        var newer = new Argument<FileInfo>("NEW") { Description = "A checkpoint of the same log." };
        var log = new Option<DirectoryInfo?>("--log") { Description = "A copy of the log's files with its tiles, to make the proof from." };
        var proof = new Option<FileInfo?>("--proof") { Description = "The consistency proof: a hash in base64 a line." };
        var policy = LedgerVerify.Policy();
        var verb = new Command(
            "consistency",
            "Checks that a log only grew between two of its signed checkpoints. Two that exclude each other, both signed, prove to anybody that the operator keeps two logs: keep both files.")
        {
            older, newer, log, proof, policy,
        };
        verb.Run(async (parsed, output, cancellation) =>
        {
            var trust = LedgerVerify.Read(parsed.GetRequiredValue(policy));
            TrustedCheckpoint[] both = [trust.Judge(parsed.GetRequiredValue(older)), trust.Judge(parsed.GetRequiredValue(newer))];
            var witnessed = both.Count(checkpoint => checkpoint.Tell(output)) == 2;
            var (old, head) = both[0].Head.Size <= both[1].Head.Size ? (both[0].Head, both[1].Head) : (both[1].Head, both[0].Head);
            return await CheckAsync(old, head, parsed.GetValue(log), parsed.GetValue(proof), output, cancellation) is not Verdict.Proven and var verdict ? verdict
                : witnessed ? Verdict.Proven
                : Verdict.NotShown;
        });
        return verb;
    }

    private static async Task<Verdict> CheckAsync(
        Checkpoint old, Checkpoint head, DirectoryInfo? log, FileInfo? proof, TextWriter output, CancellationToken cancellation)
    {
        if (old.Origin != head.Origin)
        {
            output.WriteLine("failed       The checkpoints are of two logs.");
            return Verdict.Failed;
        }

        if (old.Size == head.Size || old.Size == 0)
        {
            return Judge((old.Size == 0 && old.Root == TreeHash.Empty && head.Size > 0) || old.Root == head.Root, output);
        }

        if (log is null && proof is null)
        {
            output.WriteLine("not shown    Two sizes take a proof: give --log or --proof.");
            return Verdict.NotShown;
        }

        var hashes = proof is null ? await TiledLog.Copy(log!).ProveAsync(ProofPlan.Consistency(old.Size, head.Size), cancellation) : FromFile(proof);
        return Judge(TreeProof.IsConsistent(old.Size, head.Size, old.Root, head.Root, hashes), output);
    }

    private static Verdict Judge(bool holds, TextWriter output)
    {
        if (!holds)
        {
            output.WriteLine("failed       The later checkpoint does not continue the earlier one. If the proof or the copy is whole, the log was forked: keep both checkpoints.");
        }

        return holds ? Verdict.Proven : Verdict.Failed;
    }

    private static TreeHash[] FromFile(FileInfo proof) => [.. File.ReadLines(proof.FullName).Where(line => line.Length > 0).Select(line =>
        TreeHash.TryParse(line, out var hash) ? hash : throw new InvalidDataException($"A line of {proof.Name} is not a hash."))];
}
