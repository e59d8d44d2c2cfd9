using System.Diagnostics;
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
    /// <exception cref="InvalidOperationException">The source is not there, or does not compile; the message says why.</exception>
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
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["publish", Project, "-c", "Release", "--use-current-runtime", "--artifacts-path", work, "-o", folder, "-v", "quiet", "-nodeReuse:false"])
        {
            WorkingDirectory = source.FullName,
            RedirectStandardOutput = true,
        };
        using var publish = Process.Start(start)!;
        var said = await publish.StandardOutput.ReadToEndAsync(cancellation);
        await publish.WaitForExitAsync(cancellation);
        return publish.ExitCode == 0 ? folder : throw new InvalidOperationException($"The service cannot be published:\n{said}");
    }
}
