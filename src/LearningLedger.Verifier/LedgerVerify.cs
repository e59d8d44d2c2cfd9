using System.CommandLine;
using System.CommandLine.Help;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary>The command line: what all verbs share.</summary>
public static class LedgerVerify
{
    private const string Teaching =
        """
        Checks what a LearningLedger hands out, without trust in whoever runs it, and without database and network: but for `monitor`, which watches a log as it is served, and
        `db`, with which operators look through their own tables.

        Whom you trust is yours to say, in a policy file (C2SP tlog-policy). Get the log's key from the operator by a way you trust: a contract, a call, a web page you
        have known for long. A key that comes with a proof proves nothing. The smallest policy:

          log ledger.example/acme+1a2b3c4d+AXyz...
          quorum none

        With a witness, somebody else who has seen the log only ever grow, and with the key for receipts:

          log ledger.example/acme+1a2b3c4d+AXyz...
          witness university witness.example/w1+5e6f7a8b+BCde...
          quorum university
          #receipts ledger.example/acme/receipts+9c0d1e2f+AFgh...

        Exit codes: 0 proven; 1 failed, so rely on nothing in it; 2 valid, but something is not shown (the output says what).

        A pass means: the events were in the log the policy names when its checkpoint was signed, they are unchanged since, none of the stream is left out, and the lines
        follow from them. It does not mean that what a platform or an assessor reported was true. Without witnesses it does not exclude that the operator keeps a second
        log for others: keep checkpoints, and compare them with `consistency` or `log --kept`.
        """;

    /// <summary>The whole command.</summary>
    public static Command Root() => new("ledger-verify", Teaching) { new HelpOption(), new VersionOption(), BundleVerb.Make(), ProofVerb.Make(), ReceiptVerb.Make(), LogVerb.Make(), ConsistencyVerb.Make(), MonitorVerb.Make(), DbVerb.Make() };

    /// <summary>The option that names the policy.</summary>
    internal static Option<FileInfo> Policy() => new("--policy", "-p") { Description = "Policy file: the logs, witnesses and receipt keys you trust.", Required = true };

    /// <summary>Runs a check; whatever cannot be read fails with one line that says why.</summary>
    internal static void Run(this Command verb, Func<ParseResult, TextWriter, Verdict> check) =>
        verb.Run((parsed, output, _) => Task.FromResult(check(parsed, output)));

    /// <summary>Likewise.</summary>
    internal static void Run(this Command verb, Func<ParseResult, TextWriter, CancellationToken, Task<Verdict>> check) => verb.SetAction(async (parsed, cancellation) =>
    {
        var output = parsed.InvocationConfiguration.Output;
        Verdict verdict;
        try
        {
            verdict = await check(parsed, output, cancellation);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            output.WriteLine(e.Message);
            verdict = Verdict.Failed;
        }

        output.WriteLine(verdict.Word());
        return (int)verdict;
    });

    /// <summary>Whether something to be checked could not be read.</summary>
    internal static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException or NoteException or LeafException or InvalidDataException or LogEndedException;

    /// <summary>The last line of a check.</summary>
    internal static string Word(this Verdict verdict) => verdict switch
    {
        Verdict.Proven => "PROVEN",
        Verdict.NotShown => "NOT ALL SHOWN",
        _ => "FAILED",
    };

    /// <summary>The policy of a file.</summary>
    internal static TrustPolicy Read(FileInfo policy) => TrustPolicy.Parse(File.ReadAllBytes(policy.FullName));

    /// <summary>A checkpoint of a file, judged.</summary>
    internal static TrustedCheckpoint Judge(this TrustPolicy policy, FileInfo file) => policy.Judge(SignedNote.Parse(File.ReadAllBytes(file.FullName)));

    /// <summary>Says what a checkpoint is worth.</summary>
    /// <returns>Whether the policy asks for no more witnesses than signed.</returns>
    internal static bool Tell(this TrustedCheckpoint checkpoint, TextWriter output)
    {
        var head = checkpoint.Head;
        var witnessed = checkpoint.Witnessed is { } time ? $"cosigned by {checkpoint.Cosignatures.Count}, the last at {time:yyyy-MM-dd HH:mm:ss}Z" : "not cosigned";
        output.WriteLine($"checkpoint   {head.Origin}: {head.Size} leaves, root {head.Root}, {witnessed}");
        if (!checkpoint.HasQuorum)
        {
            output.WriteLine("not shown    Too few of the policy's witnesses cosigned this checkpoint.");
        }

        return checkpoint.HasQuorum;
    }
}

/// <summary>What a check ends with; the numbers are the exit codes.</summary>
internal enum Verdict
{
    /// <summary>All that was asked holds.</summary>
    Proven = 0,

    /// <summary>Something is false, damaged or unreadable.</summary>
    Failed = 1,

    /// <summary>Nothing is false, but something is not shown.</summary>
    NotShown = 2,
}
