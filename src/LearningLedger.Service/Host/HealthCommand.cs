namespace LearningLedger.Service.Host;

/// <summary>Asks a service whether it is ready; the health check of an image that has no other HTTP client.</summary>
public static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>0 when it is ready, 1 when it is not or does not answer; what it said goes to standard output.</summary>
    public static async Task<int> RunAsync(string url, CancellationToken cancellation)
    {
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = Patience };
            using var answer = await client.GetAsync("/health/ready", cancellation);
            Console.WriteLine(await answer.Content.ReadAsStringAsync(cancellation));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            Console.WriteLine($"No answer from {url}: {e.Message}");
            return 1;
        }
    }
}
