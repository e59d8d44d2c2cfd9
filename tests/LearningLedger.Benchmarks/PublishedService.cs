using Spectre.Console;

namespace LearningLedger.Benchmarks;

/// <summary>The service as it is delivered: published for this platform, and so compiled before it starts.</summary>
internal static class PublishedService
{
    /// <summary>Its program.</summary>
    public const string Dll = "LearningLedger.Service.dll";

    private const string Project = "src/LearningLedger.Service";

    /// <summary>Publishes the source this benchmark was built from. Only what has changed since the last time is compiled again.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="InvalidOperationException">The source is not there.</exception>
    /// <exception cref="CheckFailedException">It does not compile; the message says why.</exception>
    public static async Task<string> MakeAsync(CancellationToken cancellation)
    {
        var source = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(source.FullName, Project)))
        {
            source = source.Parent ?? throw new InvalidOperationException($"{Project} is in no folder above {AppContext.BaseDirectory}; say with --service where a published service is.");
        }

        AnsiConsole.MarkupLine("[grey]publishing the service, which takes minutes the first time ...[/]");
        var work = Path.Combine(source.FullName, "artifacts");
        var folder = Path.Combine(work, "service");
        await using var publish = ChildProcess.Start(
            "publish", [Path.Combine(source.FullName, Project), "-c", "Release", "--use-current-runtime", "--artifacts-path", work, "-o", folder, "-v", "quiet", "-nodeReuse:false"]);
        await publish.SucceedsAsync(cancellation);
        return folder;
    }
}
