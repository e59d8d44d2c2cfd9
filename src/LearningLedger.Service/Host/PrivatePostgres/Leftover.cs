using System.Globalization;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>
/// A cluster outside the data directory outlives it: who deletes the data directory and starts anew meets the old cluster, whose
/// password is gone. It may be the only copy of somebody's records, so it is moved aside, never deleted.
/// </summary>
internal static class Leftover
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    internal static async Task SetAsideAsync(string home, Action<string> say, CancellationToken ct)
    {
        var data = Path.Combine(home, "data");
        if (!Directory.Exists(data)) return;
        if (Postmaster.Read(data) is { } old && old.Judge(data) == PostmasterState.Ours)
        {
            Signals.Send(old.Pid, Signals.Interrupt);
            if (!await Until.HoldsAsync(() => Postmaster.Read(data) is null, StopWithin, ct))
                throw new PrivateClusterException($"A server of an earlier data directory (process {old.Pid}) in {home} does not stop. Stop it by hand.");
        }

        var aside = $"{home}.{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
        Directory.Move(home, aside);
        say($"A cluster of an earlier data directory at this path was found and kept as {aside}; delete it when nobody misses it.");
    }
}
