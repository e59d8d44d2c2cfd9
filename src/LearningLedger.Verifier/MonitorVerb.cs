using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Http.Headers;

namespace LearningLedger.Verifier;

/// <summary><c>monitor URL --policy POLICY --state FILE</c>: watches a log as it is served.</summary>
internal static class MonitorVerb
{
    /// <summary>Environment variable with the key for logs that are not open to everybody. On a command line others could read it.</summary>
    private const string KeyVariable = "LEDGER_KEY";

    private const int LargestAnswer = 32 * 1024 * 1024; // an entry bundle holds at most 16 MiB

    public static Command Make()
    {
        var url = new Argument<Uri>("URL") { Description = "The log as it is served, as https://ledger.example/log/acme.", CustomParser = Address };
        var state = new Option<FileInfo>("--state") { Description = "File that remembers the log between looks; made at the first. Checkpoints that prove a fork are kept beside it.", Required = true };
        var once = new Option<bool>("--once") { Description = "Look once and end." };
        var interval = Seconds("--interval", 60, "Seconds between two looks.");
        var age = Seconds("--max-age", 180, "Seconds after which the log must have been dated anew, by a cosignature of one of the policy's witnesses or by a new leaf.");
        var heads = Seconds("--heads-age", 300, "Seconds after which an event must lie under the heads of all streams.");
        var patience = Seconds("--patience", 300, "Seconds a leaf may come later than its recorded time says before it looks back-dated.");
        var policy = LedgerVerify.Policy();
        var verb = new Command(
            "monitor",
            $"""
            Watches a log: that it only grows, that its leaves lead to what it signs, that no version of a stream is missing, that its heads follow, that it is dated and not an old
            copy, and that the policy's witnesses (those with a URL) saw no other. A key for a log that needs one is taken from the environment variable {KeyVariable}.

            It looks again and again until something is false, then ends with 1; --once ends with the verdict of one look. Two checkpoints that exclude each other are kept beside
            the state as FILE.SIZE-ROOT.checkpoint: they prove the fork to anybody.

            A log that was opened anew after a restore from a backup is followed once the policy has its key too: get that from the operator by a way you trust, as the first. Its
            first leaf must be the last checkpoint of the former, and that must continue what was seen.
            """)
        {
            url, state, once, interval, age, heads, patience, policy,
        };
        verb.Run(async (parsed, output, cancellation) =>
        {
            using var handler = new PatientHandler();
            using var client = Client(handler);
            client.DefaultRequestHeaders.Authorization = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? new AuthenticationHeaderValue("Bearer", key) : null;
            using var open = Client(handler);
            var monitor = new LogMonitor(
                client, new Uri(parsed.GetRequiredValue(url).AbsoluteUri.TrimEnd('/') + "/"), open, LedgerVerify.Read(parsed.GetRequiredValue(policy)), parsed.GetRequiredValue(state),
                new MonitorPatience(Span(age), Span(heads), Span(patience)), TimeProvider.System, output);
            return await WatchAsync(monitor, parsed.GetValue(once), Span(interval), output, cancellation);

            TimeSpan Span(Option<int> option) => TimeSpan.FromSeconds(parsed.GetValue(option));
        });
        return verb;
    }

    private static async Task<Verdict> WatchAsync(LogMonitor monitor, bool once, TimeSpan interval, TextWriter output, CancellationToken cancellation)
    {
        var verdict = Verdict.NotShown;
        try
        {
            while (true)
            {
                verdict = await monitor.LookAsync(cancellation);
                if (once || verdict == Verdict.Failed)
                {
                    return verdict;
                }

                output.WriteLine($"{verdict.Word()}; the next look is in {interval.TotalSeconds:F0} s");
                await Task.Delay(interval, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return verdict;
        }
    }

    private static HttpClient Client(HttpMessageHandler handler) => new(handler, disposeHandler: false)
    {
        MaxResponseContentBufferSize = LargestAnswer,
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static Uri? Address(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
        {
            return url;
        }

        result.AddError($"{result.Tokens[0].Value} is not an address that begins with https:// or http://.");
        return null;
    }

    private static Option<int> Seconds(string name, int usual, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} takes a whole number of seconds, at least 1.");
            }
        });
        return option;
    }

    /// <summary>A service that is asked to wait is asked again after as long as it says, some times.</summary>
    private sealed class PatientHandler() : DelegatingHandler(new SocketsHttpHandler { MaxConnectionsPerServer = 8 })
    {
        private const int Tries = 5;
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            for (var tries = 1; ; tries++)
            {
                var answer = await base.SendAsync(request, cancellationToken);
                if (tries == Tries || (int)answer.StatusCode is not (429 or 503) || answer.Headers.RetryAfter?.Delta is not { } wait || wait > Longest)
                {
                    return answer;
                }

                answer.Dispose();
                await Task.Delay(wait, cancellationToken);
            }
        }
    }
}
