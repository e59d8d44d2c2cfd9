using Npgsql;

namespace LearningLedger.Service.Host;

/// <summary>Work that comes round again and again until the service stops.</summary>
public static class Rounds
{
    /// <summary>Does it, once at the start and then on every beat; a beat that falls into a round that is not over is left out.</summary>
    /// <param name="pace">From beat to beat.</param>
    /// <param name="time">The clock.</param>
    /// <param name="round">One round. What it throws ends all.</param>
    /// <param name="stopping">The service stops: this returns then, and throws nothing.</param>
    /// <param name="atOnce">False: the first round comes with the first beat.</param>
    public static async Task RunAsync(TimeSpan pace, TimeProvider time, Func<CancellationToken, Task> round, CancellationToken stopping, bool atOnce = true)
    {
        using var timer = new PeriodicTimer(pace, time);
        try
        {
            while (atOnce || await timer.WaitForNextTickAsync(stopping))
            {
                atOnce = false;
                await round(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    /// <summary>As the other, but a database that fails ends nothing: the next round tries again.</summary>
    /// <param name="pace">From beat to beat.</param>
    /// <param name="time">The clock.</param>
    /// <param name="round">One round. What it throws ends all, but for what PostgreSQL says or does not say.</param>
    /// <param name="failed">Told of that.</param>
    /// <param name="stopping">The service stops.</param>
    /// <param name="atOnce">False: the first round comes with the first beat.</param>
    public static Task RunAsync(
        TimeSpan pace, TimeProvider time, Func<CancellationToken, Task> round, Action<NpgsqlException> failed, CancellationToken stopping, bool atOnce = true) =>
        RunAsync(
            pace, time,
            async stop =>
            {
                try
                {
                    await round(stop);
                }
                catch (NpgsqlException e)
                {
                    failed(e);
                }
            },
            stopping, atOnce);
}
