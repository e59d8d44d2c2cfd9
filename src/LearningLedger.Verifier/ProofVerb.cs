using System.CommandLine;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary><c>proof FILE --policy POLICY</c>: one event.</summary>
internal static class ProofVerb
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The proof (*.tlog-proof)." };
        var leaf = new Option<FileInfo?>("--leaf") { Description = "The leaf's bytes; without it those that the proof carries." };
        var policy = LedgerVerify.Policy();
        var verb = new Command("proof", "Checks that one event is in the log, and shows its leaf: which event, stream and version, recorded when. Its content is not in the leaf.") { file, leaf, policy };
        verb.Run((parsed, output) =>
        {
            var proof = LogProof.Parse(File.ReadAllBytes(parsed.GetRequiredValue(file).FullName));
            var bytes = parsed.GetValue(leaf) is { } own ? File.ReadAllBytes(own.FullName) : proof.Extra?.ToArray() ?? throw new InvalidDataException("The proof carries no leaf: give one with --leaf.");
            var checkpoint = proof.Verify(TreeHash.Leaf(bytes), LedgerVerify.Read(parsed.GetRequiredValue(policy)));
            LogLeaf.Parse(bytes);
            output.WriteLine($"leaf {proof.Index,-7} {Encoding.UTF8.GetString(bytes)}");
            return checkpoint.Tell(output) ? Verdict.Proven : Verdict.NotShown;
        });
        return verb;
    }
}
