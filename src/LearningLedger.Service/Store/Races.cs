using JasperFx;
using LearningLedger.Service.Host;
using Marten.Exceptions;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Lost races: somebody else appended first, and the decision is made again on what they left.</summary>
public static class Races
{
    /// <summary>Repeats an attempt until it is not lost; null when it was lost every time.</summary>
    public static async Task<T?> RetryAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation)
        where T : class
    {
        for (var tries = 1; tries <= Limits.Tries; tries++)
        {
            try
            {
                return await attempt();
            }
            catch (Exception e) when (IsLost(e))
            {
                // Spread out, so that those who lost together do not meet again.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(2, 10 * tries)), cancellation);
            }
        }

        return null;
    }

    private static bool IsLost(Exception e) =>
        e is ConcurrencyException or StreamLockedException or ExistingStreamIdCollisionException
        || (e is MartenCommandException && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or Erasures.AppendRefused });
}
