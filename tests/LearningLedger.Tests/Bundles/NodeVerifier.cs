using System.Diagnostics;
using System.Text.Json;

namespace LearningLedger.Tests.Bundles;

/// <summary>The second verifier, in one process for as many bundles as a test has.</summary>
internal sealed class NodeVerifier : IDisposable
{
    private readonly Process node;
    private readonly Task<string> answers;
    private int asked;

    public NodeVerifier(string policy)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(ArchitectureTests.RepositoryRoot(), "tests", "verifier-node", "verify.mjs"), "--many"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        node = Process.Start(start)!;
        answers = node.StandardOutput.ReadToEndAsync(); // from the start, or both would wait for each other once the pipe is full
        Send(new { policy });
    }

    /// <summary>Asks about a file.</summary>
    public void Ask(byte[] file)
    {
        Send(new { file });
        asked++;
    }

    /// <summary>Asks about the file asked about last, with one byte changed.</summary>
    public void Ask(int at, byte value)
    {
        Send(new Dictionary<string, int> { ["at"] = at, ["byte"] = value });
        asked++;
    }

    /// <summary>The exit code for each question, in order.</summary>
    public async Task<int[]> AnswersAsync()
    {
        node.StandardInput.Close();
        var lines = (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await node.WaitForExitAsync();
        Assert.Equal(0, node.ExitCode);
        Assert.Equal(asked, lines.Length);
        return [.. lines.Select(int.Parse)];
    }

    public void Dispose()
    {
        if (!node.HasExited)
        {
            node.Kill();
        }

        node.Dispose();
    }

    private void Send(object message) => node.StandardInput.WriteLine(JsonSerializer.Serialize(message));
}
