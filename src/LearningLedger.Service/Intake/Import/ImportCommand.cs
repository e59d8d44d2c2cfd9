using System.Globalization;
using Spectre.Console;

namespace LearningLedger.Service.Intake.Import;

/// <summary><c>import FILE|-</c>: sends the events of a file, one a line, through the same door as everybody.</summary>
/// <remarks>
/// Each request is a stream of some megabytes, so that a connection that breaks costs no more than that, and no more is held in memory. What was
/// recorded before is recognised, so an import that ended for whatever reason is simply run again.
/// </remarks>
internal static class ImportCommand
{
    /// <summary>Some line is refused.</summary>
    public const int Refused = 1;

    /// <summary>The file cannot be read, or no service takes it.</summary>
    public const int NotDone = 2;

    private const int FaultsShown = 20;
    private const int LeastBytes = 1024 * 1024;
    private const int MostBytes = 16 * 1024 * 1024;

    // A request that is refused must be sent to its end before the service gives up listening, which is after 5 s.
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(2);

    /// <summary>How long the service may be away, or busy, before the import gives up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>0 when every event is recorded, now or before; else <see cref="Refused"/> or <see cref="NotDone"/>, and standard error says why.</summary>
    public static async Task<int> RunAsync(string name, HttpClient client, IAnsiConsole console, TextWriter errors, TimeSpan patience, CancellationToken cancellation)
    {
        var progress = new ImportProgress(console);
        try
        {
            await using var source = ImportSource.Open(name);
            var refusal = await progress.ShowAsync(name, () => SendAllAsync(source, new ImportClient(client), progress, patience, cancellation));
            if (refusal is null)
            {
                console.WriteLine(progress.Summary());
                return 0;
            }

            await errors.WriteLineAsync(refusal.Text);
            await errors.WriteLineAsync(
                $"{progress.Summary()} {(refusal.FirstLine > 1 ? $"Lines 1 to {refusal.FirstLine - 1} are recorded, those after are not" : "No line is recorded")}. "
                + "Run the same again when that is mended: what is recorded is recognised.");
            return refusal.ByContent ? Refused : NotDone;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await errors.WriteLineAsync($"{name} cannot be read: {e.Message}");
            return NotDone;
        }
    }

    private sealed record Ending(string Text, long FirstLine, bool ByContent);

    private static async Task<Ending?> SendAllAsync(ImportSource source, ImportClient client, ImportProgress progress, TimeSpan patience, CancellationToken cancellation)
    {
        var size = LeastBytes;
        var reading = source.NextAsync(size);
        while (await reading is { } part)
        {
            reading = source.NextAsync(size);
            var began = DateTime.UtcNow;
            if (await DeliverAsync(part, client, source, progress, patience, cancellation) is { } ending)
            {
                return ending;
            }

            var took = DateTime.UtcNow - began;
            size = Math.Clamp(took < RequestTime ? size * 2 : size / 2, LeastBytes, MostBytes);
        }

        return null;
    }

    /// <summary>Sends until all of the part is acknowledged, or it cannot be.</summary>
    private static async Task<Ending?> DeliverAsync(
        ImportPart part, ImportClient client, ImportSource source, ImportProgress progress, TimeSpan patience, CancellationToken cancellation)
    {
        var since = DateTime.UtcNow;
        for (var wait = TimeSpan.FromMilliseconds(250); ; wait = wait < TimeSpan.FromSeconds(8) ? wait * 2 : wait)
        {
            var first = part.FirstLine;
            var delivery = await client.SendAsync(part, (chunk, bytes) => progress.Acknowledge(chunk, bytes, source), cancellation);
            switch (delivery)
            {
                case Delivery.Refused refused:
                    return new Ending(Text(refused.Problem, first), part.FirstLine, refused.Problem.Errors is not null);
                case Delivery.Cut cut:
                    if (part.FirstLine > first)
                    {
                        (since, wait) = (DateTime.UtcNow, TimeSpan.FromMilliseconds(250));
                    }

                    if (DateTime.UtcNow - since > patience)
                    {
                        return new Ending($"The service takes nothing any more: {cut.Why}", part.FirstLine, ByContent: false);
                    }

                    progress.Say($"Interrupted at line {part.FirstLine} ({cut.Why}); trying again.");
                    await Task.Delay(cut.RetryAfter ?? wait, cancellation);
                    break;
                default:
                    return null;
            }
        }
    }

    /// <summary>What is wrong, in the source's own line numbers; the service knows only those of the request.</summary>
    /// <param name="problem">As answered.</param>
    /// <param name="firstLine">The source's number of the request's line 1.</param>
    private static string Text(ServiceProblem problem, long firstLine)
    {
        if (problem.Errors is not { } faults)
        {
            return $"Refused ({problem.Status}): {problem.Detail ?? problem.Title}";
        }

        var lines = faults.Take(FaultsShown).Select(f => string.Create(CultureInfo.InvariantCulture, $"line {firstLine + (f.Line ?? 1) - 1}: {(f.Field == "$" ? "" : f.Field + " ")}{f.Message}"));
        return string.Join(Environment.NewLine, faults.Count > FaultsShown ? lines.Append($"... and {faults.Count - FaultsShown} more") : lines);
    }
}
