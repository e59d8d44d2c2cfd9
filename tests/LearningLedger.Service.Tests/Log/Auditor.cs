using System.Diagnostics;
using System.Net;
using System.Text;
using LearningLedger.Bundles;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

/// <summary>An auditor who was given the log's key once, and since then believes nothing else.</summary>
internal sealed class Auditor(Tenant tenant, string policy)
{
    internal static async Task<Auditor> OfAsync(Tenant tenant)
    {
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
        using var client = await tenant.ClientAsync(Scopes.AuditRead);
        return new Auditor(tenant, $"log {(await client.GetStringAsync($"/log/{tenant.Name}/key")).TrimEnd('\n')}\nquorum none\n");
    }

    internal TrustPolicy Policy => TrustPolicy.Parse(Encoding.UTF8.GetBytes(policy));

    /// <summary>Asks for the proof of a transcript and checks it.</summary>
    internal async Task<BundleReport> CheckAsync(Guid learner, string query = "") => BundleVerifier.Verify(await BundleAsync(learner, query), Policy);

    /// <summary>The exit code of the second verifier.</summary>
    internal async Task<int> NodeAsync(byte[] bundle)
    {
        using var directory = new TestDirectory();
        var (file, trusted) = (Path.Combine(directory.Data, "a.llproof"), Path.Combine(directory.Data, "policy"));
        await File.WriteAllBytesAsync(file, bundle);
        await File.WriteAllTextAsync(trusted, policy);
        using var node = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(ArchitectureTests.RepositoryRoot(), "tests", "verifier-node", "verify.mjs"), file, trusted])
        {
            RedirectStandardOutput = true,
        })!;
        await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode;
    }

    internal async Task<byte[]> BundleAsync(Guid learner, string query = "", bool waits = true)
    {
        using var client = await tenant.ClientAsync(Scopes.AuditRead);
        if (waits)
        {
            client.DefaultRequestHeaders.Add("Prefer", "wait=60");
        }

        using var answer = await client.GetAsync($"/v1/learners/{learner}/transcript?format=proof{query}");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
