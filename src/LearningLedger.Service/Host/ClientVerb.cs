using System.Net.Http.Headers;

namespace LearningLedger.Service.Host;

/// <summary>Verbs that are clients of the service: they talk to the one that answers, or start one for the duration.</summary>
public static class ClientVerb
{
    /// <summary>Environment variable with the key to use.</summary>
    public const string KeyVariable = "LEDGER_KEY";

    /// <summary>Runs a verb against the service.</summary>
    /// <param name="url">Address given by the user, or null.</param>
    /// <param name="settings">The host's command line settings.</param>
    /// <param name="verb">Gets a client that sends the key, and the key itself.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <param name="stayUp">Whether a service started for the verb goes on until Ctrl-C.</param>
    /// <param name="unavailable">Exit code when no service can be had.</param>
    /// <returns>What the verb answers, or <paramref name="unavailable"/>.</returns>
    public static async Task<int> RunAsync(string? url, string[] settings, Func<HttpClient, string, CancellationToken, Task<int>> verb, CancellationToken cancellation,
        bool stayUp = false, int unavailable = 1)
    {
        try
        {
            var configuration = RunningLedger.Builder(settings).Configuration;
            var ledger = RunningLedger.Read(configuration);
            var address = new Uri(url ?? configuration[WebHostDefaults.ServerUrlsKey]!.Split(';')[0]);
            if (await AnswersAsync(address, cancellation))
            {
                return await CallAsync(address, KeyFor(ledger), verb, cancellation);
            }

            if (url is not null)
            {
                throw new LedgerStartException($"Nothing answers at {address}.");
            }

            await using var running = await RunningLedger.StartAsync(settings, Console.Error.WriteLine, configure: null, cancellation);
            var code = await CallAsync(new Uri(running.Url), Environment.GetEnvironmentVariable(KeyVariable) ?? running.Bootstrap.Text.ToString(), verb, cancellation);
            if (stayUp)
            {
                Console.WriteLine($"The service stays up at {running.Url}; Ctrl-C stops it.");
                await running.App.WaitForShutdownAsync(cancellation);
            }

            return code;
        }
        catch (Exception e) when (e is LedgerStartException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return unavailable;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return 130;
        }
    }

    private static async Task<int> CallAsync(Uri address, string key, Func<HttpClient, string, CancellationToken, Task<int>> verb, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await verb(client, key, cancellation);
    }

    private static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync("/health/live", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private static string KeyFor(LedgerSettings settings)
    {
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
        {
            return key;
        }

        var file = BootstrapKey.FileIn(settings.DataDirectory);
        return settings.BootstrapKey
            ?? (File.Exists(file)
                ? File.ReadAllText(file).Trim()
                : throw new LedgerStartException($"A service answers, but there is no key for it: set {KeyVariable}, or stand where its data directory is ({file} is missing)."));
    }
}
