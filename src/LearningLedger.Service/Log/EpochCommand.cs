using LearningLedger.Service.Host;

namespace LearningLedger.Service.Log;

/// <summary>Opens a tenant's next log after a restore from a backup. The service must not run meanwhile: the verb takes the data directory.</summary>
public static class EpochCommand
{
    /// <summary>0 when the log is open; it is written from the next start on.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="last">A file with the last checkpoint others have kept; or null.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static async Task<int> RunAsync(string tenant, FileInfo? last, CancellationToken cancellation)
    {
        try
        {
            var kept = last is null ? null : await File.ReadAllTextAsync(last.FullName, cancellation);
            await using var running = await RunningLedger.StartAsync(["--urls", "http://127.0.0.1:0"], Console.Error.WriteLine, configure: null, cancellation);
            var origin = await running.App.Services.GetRequiredService<Epochs>().OpenAsync(tenant, kept, cancellation);
            if (origin is null)
            {
                await Console.Error.WriteLineAsync($"Tenant {tenant} has no log.");
                return 1;
            }

            Console.WriteLine($"The log of tenant {tenant} is now {origin}. Tell your auditors: their policies need its key, which is served below /log/{tenant}/ as before.");
            return 0;
        }
        catch (Exception e) when (e is LedgerStartException or SignerRefusal or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
