using System.CommandLine;
using LearningLedger.Verifier;

namespace LearningLedger.Service.Tests.Log;

/// <summary><c>ledger-verify monitor</c>, looking once.</summary>
internal static class MonitorRun
{
    /// <param name="log">Address of the log.</param>
    /// <param name="folder">Where its files <c>policy</c> and <c>state</c> lie.</param>
    internal static (int Code, string Output) Look(string log, string folder)
    {
        using var output = new StringWriter();
        var code = LedgerVerify.Root().Parse(["monitor", log, "--once", "--policy", Path.Combine(folder, "policy"), "--state", Path.Combine(folder, "state")])
            .Invoke(new InvocationConfiguration { Output = output, Error = output });
        return (code, output.ToString());
    }
}
