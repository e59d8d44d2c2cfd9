using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using LearningLedger.Service.Host;
using LearningLedger.Service.Host.PrivatePostgres;
using Npgsql;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>
/// The service as its users run it: a process of its own, which can be killed and interrupted. It stands in the root of a
/// <see cref="TestDirectory"/> and keeps its data in <c>.ledger</c> there, unless told otherwise. Whatever it writes may hold no secret.
/// </summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    internal const int Interrupt = 2;
    internal const int Terminate = 15;

    // As Linux numbers them.
    internal const int GoOn = 18;
    internal const int Suspend = 19;

    /// <summary>Longer than any healthy start or stop takes, also where many tests share few cores.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // A runner started in the background of a shell has SIGINT ignored, and its children would inherit that.
    private static readonly Lazy<bool> ResetsSignals = new(() =>
        OperatingSystem.IsLinux() && new Command("env", "--default-signal=INT,TERM", "true").RunAsync(CancellationToken.None).GetAwaiter().GetResult().Succeeded);

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "LearningLedger.Service.dll");

    private readonly Process _process;
    private readonly Process? _watch;
    private readonly TestDirectory _directory;
    private readonly List<string> _secrets;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(TestDirectory directory, ProcessStartInfo start, List<string> secrets)
    {
        (_directory, _secrets) = (directory, secrets);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Take;
        _process.ErrorDataReceived += Take;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _watch = OperatingSystem.IsLinux() ? WatchOver(_process.Id) : null;
    }

    internal int Pid => _process.Id;

    internal string Url => _url.Task.IsCompletedSuccessfully ? _url.Task.Result : throw new InvalidOperationException("It does not listen.");

    /// <summary>What it has written so far, on both outputs.</summary>
    internal string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>The pid file of the private cluster's postmaster; null when none runs. A cluster in the making has such a file too, which is no server's.</summary>
    internal string? PostmasterFile => Directory.GetFiles(_directory.Root, "postmaster.pid", SearchOption.AllDirectories)
        .SingleOrDefault(f => !f.Contains("data.new-", StringComparison.Ordinal));

    internal int PostmasterPid => int.Parse(File.ReadLines(PostmasterFile!).First(), CultureInfo.InvariantCulture);

    /// <summary>Where the service keeps its data unless a setting says otherwise.</summary>
    internal static string DataOf(TestDirectory directory) => Path.Combine(directory.Root, ".ledger");

    /// <summary>Runs the program; returns at once.</summary>
    /// <param name="directory">Where it stands.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="args">Its command line.</param>
    internal static ServiceProcess Run(TestDirectory directory, IReadOnlyDictionary<string, string> settings, params string[] args) =>
        Run(directory, settings, Program, user: null, args);

    private static ServiceProcess Run(TestDirectory directory, IReadOnlyDictionary<string, string> settings, string assembly, string? user, string[] args)
    {
        string[] program = [HolderProcess.DotNet(), assembly, .. args];
        var start = ResetsSignals.Value ? new ProcessStartInfo("env", ["--default-signal=INT,TERM", .. program]) : new ProcessStartInfo(program[0], program[1..]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = directory.Root;
        if (user is not null) start.UserName = user;
        foreach (var set in start.Environment.Keys.Where(IsSetting).ToList()) start.Environment.Remove(set);
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var given = settings.GetValueOrDefault("ConnectionStrings__ledger");
        return new ServiceProcess(directory, start, given is null ? [] : [new NpgsqlConnectionStringBuilder(given).Password ?? ""]);
    }

    /// <summary>Starts the service on a free port and waits until it is ready.</summary>
    /// <param name="directory">Where it stands.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="user">Who it is to be; null for ourselves.</param>
    internal static async Task<ServiceProcess> StartAsync(TestDirectory directory, IReadOnlyDictionary<string, string> settings, string? user = null)
    {
        var service = Run(directory, settings, await HolderProcess.ReadableAsync(Program, directory, user), user, ["--urls", "http://127.0.0.1:0"]);
        await service.ReadyAsync();
        return service;
    }

    /// <summary>Returns when it is ready; fails when it ends before.</summary>
    internal async Task ReadyAsync()
    {
        var ended = _process.WaitForExitAsync();
        Assert.True(await Task.WhenAny(_url.Task, ended).WaitAsync(Patience) == _url.Task, $"The service ended instead of listening:\n{Output}");
        using var client = new HttpClient { BaseAddress = new Uri(Url) };
        await Expectations.EventuallyAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/health/ready");
                return answer.IsSuccessStatusCode;
            },
            "the service to be ready");
    }

    /// <summary>A client that sends a key.</summary>
    internal HttpClient Client(KeyText key, HttpMessageHandler? handler = null)
    {
        var client = new HttpClient(handler ?? new SocketsHttpHandler()) { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        return client;
    }

    /// <summary>Waits until it has written some words.</summary>
    internal Task SaysAsync(string words) => Expectations.EventuallyAsync(() => Task.FromResult(Output.Contains(words, StringComparison.Ordinal)), $"the service to say '{words}'");

    /// <summary>Sends a signal.</summary>
    internal void Signal(int signal) => Signals.Send(Pid, signal);

    /// <summary>Its exit code, once it has ended and all its output is here.</summary>
    internal async Task<int> EndedAsync(TimeSpan? within = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(within ?? Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The service does not end. It said:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Interrupts it and returns its exit code.</summary>
    internal Task<int> StopAsync()
    {
        Signal(Interrupt);
        return EndedAsync();
    }

    /// <summary>Kills it without warning; its private cluster goes on.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it, if it runs, and looks through what it wrote.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _watch?.StandardInput.WriteLine("ended");
        _watch?.Dispose();
        _process.Dispose();
        var written = Output;
        var files = Directory.Exists(_directory.Root) ? Directory.GetFiles(_directory.Root, "*", SearchOption.AllDirectories) : [];
        _secrets.AddRange(files.Where(f => f.EndsWith(".key", StringComparison.Ordinal) || Path.GetFileName(f) == "password").Select(f => File.ReadAllText(f).Trim()));
        Assert.DoesNotMatch(KeyPattern(), written);
        Assert.All(_secrets.Where(s => s.Length >= 16), secret => Assert.False(written.Contains(secret, StringComparison.Ordinal), "The service wrote a secret."));
    }

    private void Take(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text) return;
        lock (_output) _output.AppendLine(text);
        if (Listening().Match(text) is { Success: true } match) _url.TrySetResult(match.Groups[1].Value);
    }

    /// <summary>Ends the service when the test process is killed: a shell waits at the end of a pipe that only we hold.</summary>
    private static Process WatchOver(int pid) => Process.Start(new ProcessStartInfo(
        "setsid", ["sh", "-c", "read -r ended || kill -KILL \"$1\"", "service-watch", pid.ToString(CultureInfo.InvariantCulture)])
    {
        RedirectStandardInput = true,
        WorkingDirectory = "/",
    })!;

    private static bool IsSetting(string name) =>
        name.StartsWith("Ledger__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("OTEL_", StringComparison.Ordinal) || name is "ASPNETCORE_URLS" or "ASPNETCORE_ENVIRONMENT" or "DOTNET_ENVIRONMENT" or ClientVerb.KeyVariable;

    [GeneratedRegex(@"^LearningLedger listens on (http://[^,\s]+)")]
    private static partial Regex Listening();

    [GeneratedRegex("ll_[a-z0-9-]{1,32}_[0-9a-f]{16}")]
    private static partial Regex KeyPattern();
}
