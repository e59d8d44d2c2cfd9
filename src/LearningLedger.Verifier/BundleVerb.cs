using System.CommandLine;
using System.Text.Json;
using LearningLedger.Bundles;

namespace LearningLedger.Verifier;

/// <summary><c>bundle FILE --policy POLICY</c>: a transcript.</summary>
internal static class BundleVerb
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The proof bundle (*.llproof)." };
        var until = new Option<DateTimeOffset?>("--complete-until")
        {
            Description = "Time (RFC 3339) up to which nothing may be left out. Without it look at the line \"found\": what came later than the time there may be missing.",
        };
        var policy = LedgerVerify.Policy();
        var verb = new Command(
            "bundle",
            """
            Checks a transcript with its proofs, line by line:
              PROVEN       follows from events that are in the log, and from all of them
              ERASED       the content was erased by right, which a later leaf of the log says
              UNDISCLOSED  some content is not in the bundle, so the line cannot be derived
              FAILED       does not follow, or an event it rests on is not proven
            """)
        {
            file, until, policy,
        };
        verb.Run((parsed, output) =>
            Check(File.ReadAllBytes(parsed.GetRequiredValue(file).FullName), parsed.GetRequiredValue(policy), parsed.GetValue(until), output));
        return verb;
    }

    private static Verdict Check(byte[] bundle, FileInfo policy, DateTimeOffset? until, TextWriter output)
    {
        var report = BundleVerifier.Verify(bundle, LedgerVerify.Read(policy));
        foreach (var line in report.Lines)
        {
            output.WriteLine($"{line.Status.ToString().ToUpperInvariant(),-12} {Label(line.Line)}; entries {string.Join(' ', line.Line.Entries)}");
        }

        report.Checkpoint?.Tell(output);
        Tell("found", report.Notes, output);
        Tell("not shown", report.Gaps, output);
        Tell("failed", report.Failures, output);
        if (report.ExitCode == 0 && until > report.CompleteUntil)
        {
            output.WriteLine($"not shown    That nothing is left out reaches no further than {LedgerJson.Text(report.CompleteUntil.Value)}: ask for a newer bundle.");
            return Verdict.NotShown;
        }

        return (Verdict)report.ExitCode;
    }

    private static void Tell(string kind, IEnumerable<string> what, TextWriter output)
    {
        foreach (var one in what)
        {
            output.WriteLine($"{kind,-12} {one}");
        }
    }

    private static string Label(BundleLine line)
    {
        string Of(string member) => line.Line.ValueKind == JsonValueKind.Object && line.Line.TryGetProperty(member, out var value) ? value.ToString() : "-";
        return line.Kind switch
        {
            BundleLineKind.Milestone =>
                $"milestone {Of("milestone")} of {Of("framework")}/{Of("frameworkVersion")}: {Of("status")}{(Of("flagged") == "True" ? ", in doubt" : "")}, "
                + $"from {Of("awardedAt")} to {Of("expiresAt")}, by {Of("decidedBy")}",
            BundleLineKind.Skill => $"skill {Of("skill")}: best {Of("best")}, latest {Of("latest")}, {Of("attempts")} attempts, {Of("voided")} voided",
            _ => $"event {Of("type")} (version {Of("version")}, {Of("recorded")})",
        };
    }
}
