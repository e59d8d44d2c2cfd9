using System.CommandLine;
using LearningLedger.Verifier;

namespace LearningLedger.Service.Tests.Log;

/// <summary><c>ledger-verify</c>, run to its end.</summary>
internal static class VerifierRun
{
    internal static (int Code, string Output) Of(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = LedgerVerify.Root().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = output });
        return (code, output.ToString());
    }
}
