using System.Diagnostics;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Waiting for another process, which gives no other sign than its files.</summary>
internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>True as soon as the condition holds; false when it does not within the time given.</summary>
    internal static async Task<bool> HoldsAsync(Func<bool> condition, TimeSpan within, CancellationToken ct)
    {
        for (var since = Stopwatch.StartNew(); !condition(); await Task.Delay(Pause, ct))
            if (since.Elapsed > within) return false;
        return true;
    }
}
