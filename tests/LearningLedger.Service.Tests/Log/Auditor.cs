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
    internal static async Task<Auditor> OfAsync(Tenant tenant, string further = "")
    {
        await (await TenantLogReader.OfAsync(tenant)).CoveredAsync();
        using var client = await tenant.ClientAsync(Scopes.AuditRead);
        return new Auditor(tenant, $"log {(await client.GetStringAsync($"/log/{tenant.Name}/key")).TrimEnd('\n')}\nquorum none\n{further}");
    }

    internal TrustPolicy Policy => TrustPolicy.Parse(Encoding.UTF8.GetBytes(policy));

    /// <summary>Asks for the proof of a transcript and checks it, with the second verifier too.</summary>
    internal async Task<BundleReport> CheckAsync(Guid learner, string query = "") => await CheckAsync(await BundleAsync(learner, query));

    /// <summary>Checks a bundle with both verifiers, which must agree.</summary>
    internal async Task<BundleReport> CheckAsync(byte[] bundle)
    {
        var report = BundleVerifier.Verify(bundle, Policy);
        var folder = Directory.CreateTempSubdirectory("ledger-auditor-");
        try
        {
            var (file, trust) = (Path.Combine(folder.FullName, "bundle"), Path.Combine(folder.FullName, "policy"));
            await File.WriteAllBytesAsync(file, bundle);
            await File.WriteAllTextAsync(trust, policy);
            using var node = Process.Start(new ProcessStartInfo("node", [Verifier(), file, trust]) { RedirectStandardOutput = true })!;
            var said = await node.StandardOutput.ReadToEndAsync();
            await node.WaitForExitAsync();
            Assert.True(node.ExitCode == report.ExitCode, $"{report.ExitCode}, {string.Join(' ', report.Failures.Concat(report.Gaps))}; the second verifier: {node.ExitCode}, {said}");
            return report;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal async Task<byte[]> BundleAsync(Guid learner, string query = "", bool waits = true)
    {
        using var client = await tenant.ClientAsync(Scopes.AuditRead);
        if (waits)
        {
            client.DefaultRequestHeaders.Add("Prefer", "wait=60");
        }

        byte[] bundle = [];
        await Expectations.EventuallyAsync(
            async () =>
            {
                using var answer = await client.GetAsync($"/v1/learners/{learner}/transcript?format=proof{query}");
                if (answer.StatusCode == HttpStatusCode.Accepted)
                {
                    return false; // heads were written just now, and are not signed yet
                }

                await answer.ShouldBeAsync(HttpStatusCode.OK);
                bundle = await answer.Content.ReadAsByteArrayAsync();
                return true;
            },
            "a bundle", TimeSpan.FromMinutes(2));
        return bundle;
    }

    private static string Verifier()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LearningLedger.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run within the repository.");
        }

        return Path.Combine(folder.FullName, "tests", "verifier-node", "verify.mjs");
    }
}
