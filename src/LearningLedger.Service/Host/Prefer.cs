using System.Globalization;

namespace LearningLedger.Service.Host;

/// <summary>The request header <c>Prefer</c> (RFC 7240).</summary>
public static class Prefer
{
    private const string Wait = "wait=";

    /// <summary>How long the caller would rather wait than hear that something is not there yet; zero unless said, <see cref="Limits.LongestWait"/> at most.</summary>
    public static TimeSpan WaitOf(HttpRequest request)
    {
        foreach (var preference in request.Headers.GetCommaSeparatedValues("Prefer"))
        {
            if (preference.StartsWith(Wait, StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference.AsSpan(Wait.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(Math.Min(seconds, Limits.LongestWait.TotalSeconds));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>Asks again and again until there is an answer or the time is over.</summary>
    /// <param name="wait">How long.</param>
    /// <param name="ask">The question; null: not there yet.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<T?> UntilAsync<T>(TimeSpan wait, Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        var until = DateTime.UtcNow + wait;
        while (true)
        {
            var answer = await ask();
            if (answer is not null || DateTime.UtcNow >= until)
            {
                return answer;
            }

            await Task.Delay(Limits.Glance, cancellation);
        }
    }
}
