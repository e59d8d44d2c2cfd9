namespace LearningLedger.Service.Log;

/// <summary>Has events and log of the key's tenant held against each other, and prints what does not agree.</summary>
public static class ReconcileCommand
{
    /// <summary>0: all agrees; 1: it does not, or cannot be told.</summary>
    public static async Task<int> RunAsync(HttpClient client, CancellationToken cancellation)
    {
        using var answer = await client.PostAsync("/v1/log/reconcile", null, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            await Console.Error.WriteLineAsync(await answer.Content.ReadAsStringAsync(cancellation));
            return 1;
        }

        var findings = (await answer.Content.ReadFromJsonAsync<FindingsAnswer>(LedgerJson.Options, cancellation))!.Findings;
        foreach (var finding in findings)
        {
            Console.WriteLine($"{finding.Kind}\t{finding.Subject}\t{finding.Detail}");
        }

        await Console.Error.WriteLineAsync(findings.Count == 0 ? "Events and log agree." : $"{findings.Count} findings.");
        return findings.Count == 0 ? 0 : 1;
    }
}
